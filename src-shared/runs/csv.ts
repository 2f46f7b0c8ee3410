import { FoveaError } from '../errors.ts';

export interface CsvRow {
  /** Line of the file the row begins at, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

export type Separator = ',' | ';' | '\t' | '|' | ' ';

/**
 * What separates the fields of a text, by its first line: a tab where it has one; a semicolon where it has no comma, or more semicolons;
 * a comma; a bar where it has nothing of these; else white space.
 */
export function separatorOf(text: string): Separator {
  const line =
    text
      .replace(/^\uFEFF/, '')
      .split(/\r\n|\n|\r/)
      .find((own) => own.trim() !== '') ?? '';
  const outside = line.replace(/"(?:[^"]|"")*"/g, '');
  const count = (character: string) => outside.split(character).length - 1;
  if (count('\t') > 0) return '\t';
  if (count(';') > count(',')) return ';';
  if (count(',') > 0 || line.includes('"')) return ',';
  if (count('|') > 0) return '|';
  return /\S\s+\S/.test(outside) ? ' ' : ',';
}

/** Rows of a text whose last word is separated by white space: names before it may hold spaces. */
export function* parseWords(text: string): Generator<CsvRow> {
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const words = /^\s*(.*?)\s+(\S+)\s*$/.exec(line);
    if (words) yield { line: index + 1, fields: [words[1]!, words[2]!] };
    else if (line.trim() !== '') yield { line: index + 1, fields: [line.trim()] };
  }
}

/**
 * Rows of a comma-separated text (RFC 4180), or of one with another separator: quoted fields may hold commas, doubled quotes and line ends. LF, CRLF and CR end a
 * row; empty rows and a byte order mark are left out; an unquoted field is taken as it stands.
 * @param source the file, for the message
 * @throws FoveaError `labels-unreadable` naming the line of a quote that is not closed, or is followed by other text
 */
export function* parseCsv(text: string, source: string, separator: Separator = ','): Generator<CsvRow> {
  const ends = (character: string | undefined) => character === separator || character === '\n' || character === '\r';
  const name = SEPARATOR_NAMES[separator];
  const broken = (atLine: number, what: string) =>
    new FoveaError(
      'labels-unreadable',
      `${source}, line ${atLine}: ${what}`,
      'Write a quote inside a quoted field twice, and close every quoted field.',
    );
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const start = line;
    const fields: string[] = [];
    for (;;) {
      let field = '';
      if (text[at] === '"') {
        const quoteLine = line;
        at++;
        for (;;) {
          const quote = text.indexOf('"', at);
          if (quote < 0) throw broken(quoteLine, 'a quoted field is never closed');
          field += text.slice(at, quote);
          at = quote + 1;
          if (text[at] !== '"') break;
          field += '"';
          at++;
        }
        line += lineEnds(field);
        if (at < text.length && !ends(text[at]))
          throw broken(line, `expected ${name} after the closing quote, found ${JSON.stringify(text[at])}`);
      } else {
        const begin = at;
        while (at < text.length && !ends(text[at])) at++;
        field = text.slice(begin, at);
      }
      fields.push(field);
      if (text[at] !== separator) break;
      at++;
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at++;
    at++;
    line++;
    if (fields.length > 1 || fields[0] !== '') yield { line: start, fields };
  }
}

export const SEPARATOR_NAMES: Readonly<Record<Separator, string>> = {
  ',': 'a comma',
  ';': 'a semicolon',
  '\t': 'a tab',
  '|': 'a bar',
  ' ': 'a space',
};

function lineEnds(field: string): number {
  return field.match(/\r\n|\n|\r/g)?.length ?? 0;
}

/** One row with its line end (RFC 4180: CRLF). Numbers keep full precision; null is an empty field. */
export function csvRow(fields: readonly (string | number | boolean | null)[]): string {
  return `${fields.map((field) => quoted(String(field ?? ''))).join(',')}\r\n`;
}

/** Rows of figures and of texts from outside, which no spreadsheet is to run. */
export function csvTable(rows: readonly (readonly (string | number | null)[])[]): string {
  return rows.map((row) => csvRow(row.map((cell) => (typeof cell === 'string' ? csvText(cell) : cell)))).join('');
}

function quoted(field: string): string {
  return /[",\r\n]|^\s|\s$/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** What makes a spreadsheet take a field for a formula (OWASP, "CSV Injection"). */
const FORMULA = /^[=+\-@\t\r]/;

/** Text from outside that a spreadsheet must not run: an apostrophe goes before what would be a formula. */
export function csvText(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** A relative path a spreadsheet must not run. `./` goes before what would be a formula: it still names the same file. */
export function csvPath(path: string): string {
  return FORMULA.test(path) ? `./${path}` : path;
}
