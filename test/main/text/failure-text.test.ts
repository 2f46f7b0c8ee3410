import { expect, test } from 'vitest';
import { failureLines, failureText } from '../../../src-main/text/failure-text.ts';

test('a path that its reason begins with is said once', () => {
  const reason = '/photos/a/b.jpg: the image is damaged: premature end';
  expect(failureText('/photos/a/b.jpg', reason)).toBe('/photos/a/b.jpg: the image is damaged: premature end');
  expect(failureText('a/b.jpg', reason)).toBe('a/b.jpg: the image is damaged: premature end');
  expect(failureText('a\\b.jpg', 'C:\\photos\\a\\b.jpg: no such file')).toBe('a\\b.jpg: no such file');
});

test('of another subject both are said, in one line', () => {
  expect(failureText('b.jpg', '/photos/ab.jpg: no such file')).toBe('b.jpg: /photos/ab.jpg: no such file');
  expect(failureText('b.jpg', 'the engine has ended\nby itself')).toBe('b.jpg: the engine has ended\\nby itself');
  expect(failureText('a: b.jpg', '/photos/a: b.jpg: no such file')).toBe('a: b.jpg: /photos/a: b.jpg: no such file');
});

test('of many that failed the first are told, and how many more there are', () => {
  const failed = Array.from({ length: 12 }, (_, index) => ({ path: `${index}.jpg`, reason: 'no such file' }));
  const lines = failureLines(failed);
  expect(lines).toHaveLength(11);
  expect(lines[9]).toBe('9.jpg: no such file');
  expect(lines[10]).toBe('and 2 more (--json lists all)');
  expect(failureLines(failed.slice(0, 10))).toEqual(lines.slice(0, 10));
});
