import { expect, test } from 'vitest';
import { FoveaError, toErrorRecord } from '../../src-shared/errors.ts';

const withCode = (code: string) => Object.assign(new Error('it failed'), { code });

test.each([
  ['ENOSPC', 'output-unwritable', 'full'],
  ['EACCES', 'output-unwritable', 'permissions'],
  ['EROFS', 'output-unwritable', 'only be read'],
  ['SQLITE_FULL', 'store-full', 'make room'],
  ['SQLITE_CORRUPT_INDEX', 'store-damaged', 'Restore'],
  ['SQLITE_READONLY_DBMOVED', 'output-unwritable', 'permissions'],
  ['SQLITE_IOERR_WRITE', 'store-damaged', 'disk'],
])('%s is no defect of the program', (code, expected, words) => {
  const record = toErrorRecord(withCode(code));
  expect(record).toMatchObject({ code: expected, message: 'it failed' });
  expect(record.next).toContain(words);
  expect(record.next).not.toContain('defect');
});

test('what nobody foresaw is a defect, what somebody put into words is not', () => {
  expect(toErrorRecord(new TypeError('x is not a function')).next).toContain('defect of Fovea');
  expect(toErrorRecord('thrown text')).toMatchObject({ code: 'internal', message: 'thrown text' });
  expect(toErrorRecord(new FoveaError('image-empty', 'empty', 'Fetch it.'))).toEqual({
    code: 'image-empty',
    message: 'empty',
    next: 'Fetch it.',
  });
});
