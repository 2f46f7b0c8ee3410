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
