import { shellWord } from './shell-word.ts';
import { runsFile } from '../files/data-folder.ts';

export interface ResumePlace {
  /** The store's file. */
  readonly db: string;
  readonly dataFolder: string;
}

/**
 * What to type to go on with a run. Its store is named where it is not the one that is used anyway.
 * @param folder as it is to be read, where the images have moved
 */
export function resumeCommand(id: string, { db, dataFolder }: ResumePlace, folder?: string): string {
  const words = ['fovea batch', ...(folder === undefined ? [] : [folder]), '--resume', id];
  if (db !== runsFile(dataFolder)) words.push('--db', shellWord(db));
  return words.join(' ');
}
