import { join } from 'node:path';
import { startFirst } from './engine/first-process.ts';

// What a command that will most likely need an engine loads before all else: the engine loads while the command does.

export { dropFirst } from './engine/first-process.ts';

startFirst(join(import.meta.dirname, 'engine.js'));
