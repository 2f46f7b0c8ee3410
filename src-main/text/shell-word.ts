import { quoted } from '../../src-shared/shell-word.ts';

/** A word as it can be pasted into the shell people use on this system: in quotes where it would be read as something else. */
export function shellWord(text: string, platform: string = process.platform): string {
  if (platform === 'win32') return /^[\w.:/\\~-]+$/.test(text) ? text : `"${text}"`;
  return quoted(text);
}
