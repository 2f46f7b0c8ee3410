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

/** Columns of the terminal that is written to; no end of them where there is none: files and programs get whole lines. */
function terminalColumns(): number {
  return process.stdout.isTTY ? process.stdout.columns || Infinity : Infinity;
}

const GAP = 2;

/**
 * Columns under a header, two spaces between them. Columns of numbers are set to the right. What is wider than the terminal goes on
 * below, behind the first column again, and the second where the first does not tell the rows apart.
 * @param rows as long as the header; numbers are shown as they are, null as a dash
 * @param room characters of a line
 */
export function textTable(
  header: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
  room = terminalColumns(),
): string {
  const cells = rows.map((row) => row.map((cell) => oneLine(String(cell ?? '-'))));
  const widths = header.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]!.length)));
  const isNumber = header.map((_, column) => cells.every((row) => /^[-+\d.,]*( %)?$/.test(row[column]!)));
  const line = (row: readonly string[], columns: readonly number[]) =>
    columns
      .map((column) =>
        isNumber[column] ? row[column]!.padStart(widths[column]!) : row[column]!.padEnd(widths[column]!),
      )
      .join(' '.repeat(GAP))
      .trimEnd();
  const names = new Set(cells.map(([name]) => name)).size < cells.length && header.length > 2 ? [0, 1] : [0];
  return partsOf(widths, names, room)
    .map((columns) => [header, ...cells].map((row) => `${line(row, columns)}\n`).join(''))
    .join('\n');
}

/** The columns of each part of a table, its first ones in every part; one part where all fit. */
function partsOf(widths: readonly number[], names: readonly number[], room: number): number[][] {
  const parts: number[][] = [];
  const widthOf = (columns: readonly number[]) => columns.reduce((sum, column) => sum + widths[column]! + GAP, -GAP);
  for (const column of widths.keys()) {
    const part = parts.at(-1);
    if (part && (part.length <= names.length || widthOf([...part, column]) <= room)) part.push(column);
    else parts.push(part ? [...names, column] : [column]);
  }
  return parts;
}
