import { execFileSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { onTestFinished } from 'vitest';

/** Makes a pipe with a few words in it, whose ends are held: who opens it finds the words, where another would be waited for without end. */
export function heldPipe(path: string, words: string): string {
  execFileSync('mkfifo', [path]);
  const ends = openSync(path, 'r+');
  onTestFinished(() => closeSync(ends));
  writeSync(ends, words);
  return path;
}
