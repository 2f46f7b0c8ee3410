import { expect, test } from 'vitest';
import { failureText } from '../../../src-main/text/failure-text.ts';

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
