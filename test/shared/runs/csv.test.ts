import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvPath, csvRow, csvText, parseCsv } from '../../../src-shared/runs/csv.ts';

const fields = (text: string) => [...parseCsv(text, 'labels.csv')].map((row) => row.fields);

describe('parseCsv', () => {
  it('reads quotes, commas, doubled quotes and line ends in fields', () => {
    expect(fields('"a, b.jpg",1\r\n"say ""hi"".jpg",2\n"two\nlines.jpg",3\r4,\n')).toEqual([
      ['a, b.jpg', '1'],
      ['say "hi".jpg', '2'],
      ['two\nlines.jpg', '3'],
      ['4', ''],
    ]);
  });

  it('leaves out a byte order mark and empty lines, and keeps a quote inside an unquoted field', () => {
    expect(fields('\uFEFFa,b\n\n\r\n5" disk,c')).toEqual([
      ['a', 'b'],
      ['5" disk', 'c'],
    ]);
  });

  it('counts lines as an editor does', () => {
    const lines = [...parseCsv('a\r\n"b\r\nb\nb",1\n\nc\rd', 'labels.csv')].map(({ line }) => line);
    expect(lines).toEqual([1, 2, 6, 7]);
  });

  it('says in which line a quote is left open, or followed by text', () => {
    expect(() => fields('a,1\n\n"b,2\nc,3\n')).toThrow('labels.csv, line 3: a quoted field is never closed');
    expect(() => fields('a,1\n"b" c,2\n')).toThrow(
      'labels.csv, line 2: expected a comma after the closing quote, found " "',
    );
  });
});

describe('csvRow', () => {
  it('is read back as it was', () => {
    const row = fc.array(fc.string({ unit: 'binary' }), { minLength: 2 });
    fc.assert(
      fc.property(row, (texts) => {
        expect(fields(csvRow(texts))).toEqual([texts]);
      }),
    );
  });

  it('writes numbers in full and null as an empty field', () => {
    expect(csvRow([0.1, null, true, -3])).toBe('0.1,,true,-3\r\n');
  });
});

it('keeps a spreadsheet from running texts and paths', () => {
  for (const begin of ['=', '+', '-', '@', '\t', '\r']) {
    expect(csvText(`${begin}1+1`)).toBe(`'${begin}1+1`);
    expect(csvPath(`${begin}1.jpg`)).toBe(`./${begin}1.jpg`);
  }
  expect(csvText('tench')).toBe('tench');
  expect(csvPath('cats/=1.jpg')).toBe('cats/=1.jpg');
});
