import type { z } from 'zod';

/** The first fault zod found in `value`: the field's path, what was expected and what was found. */
export function invalidField(error: z.ZodError, value: unknown): string {
  const issue = error.issues[0]!;
  const field = issue.path.reduce<string>(
    (path, key) => (typeof key === 'number' ? `${path}[${key}]` : path ? `${path}.${String(key)}` : String(key)),
    '',
  );
  const message = issue.message.replace(/^Invalid (input|option): /, '').replace(/, received .*$/, '');
  if (issue.code === 'unrecognized_keys')
    return `${field || 'the top level'} has ${issue.keys.map((key) => `"${key}"`).join(', ')}, which is not a field here`;
  return `field ${field || '(top level)'}: ${message}, found ${found(value, issue.path)}`;
}

function found(value: unknown, path: readonly PropertyKey[]): string {
  let at = value;
  for (const key of path) at = typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined;
  if (at === undefined) return 'nothing';
  const text = JSON.stringify(at);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
