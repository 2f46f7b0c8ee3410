/** Characters that would break a line, steer the terminal or turn the direction of writing; a file name may hold any of them. */
// eslint-disable-next-line no-control-regex -- these are what it is about
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Text on one line of a terminal: control characters are shown as escapes. */
export function oneLine(text: string): string {
  return text.replace(CONTROL, (character) =>
    character < ' '
      ? JSON.stringify(character).slice(1, -1)
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * Columns under a header, two spaces between them. Columns of numbers are set to the right.
 * @param rows as long as the header; numbers are shown as they are, null as a dash
 */
export function textTable(header: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  const cells = rows.map((row) => row.map((cell) => oneLine(String(cell ?? '-'))));
  const widths = header.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]!.length)));
  const isNumber = header.map((_, column) => cells.every((row) => /^[-+\d.,]*( %)?$/.test(row[column]!)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (isNumber[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd();
  return [header, ...cells].map((row) => `${line(row)}\n`).join('');
}
