import { oneLine } from './text-table.ts';

/**
 * What failed and why, in one line. Reasons begin with the file's whole path: it is not said twice.
 * @param path of the file, whole or from its folder
 */
export function failureText(path: string, reason: string): string {
  const [subject = '', ...why] = reason.split(': ');
  const whole = subject.replaceAll('\\', '/');
  const own = path.replaceAll('\\', '/');
  const isOwn = why.length > 0 && (whole === own || whole.endsWith(`/${own}`));
  return `${oneLine(path)}: ${oneLine(isOwn ? why.join(': ') : reason)}`;
}

/** Many fail for one reason: the first are told, and how many more there are. */
const MAX_LISTED_FAILURES = 10;

/** A line for each of the first that failed, and one for the rest. */
export function failureLines(failed: readonly { readonly path: string; readonly reason: string }[]): readonly string[] {
  const shown = failed.slice(0, MAX_LISTED_FAILURES).map(({ path, reason }) => failureText(path, reason));
  const more = failed.length - shown.length;
  return more > 0 ? [...shown, `and ${more} more (--json lists all)`] : shown;
}
