import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startFirst } from './engine/first-process.ts';
import { dataFolder, runsFile } from './files/data-folder.ts';

// What a command that will most likely need an engine loads before all else: the engine loads while the command does.

export { dropFirst } from './engine/first-process.ts';

const words = process.argv.slice(2);
const namesStore = words.some((word) => word === '--db' || word.startsWith('--db='));
// A store may know the photo, and then no engine is needed: `engineAhead` looks, and starts one where it does not.
const mayBeKnown = !words.includes('--no-cache') && (namesStore || existsSync(runsFile(dataFolder())));
if (!mayBeKnown) startFirst(join(import.meta.dirname, 'engine.js'));
