// Loaded into every Node process of a command by NODE_OPTIONS, see held-engines.ts: an engine carries out as many evaluations and
// analyses as the file `answers` says, tells by a file named after its process that it has, and holds all that is asked of it after.
// Where the file has a name instead, evaluations and calibrations of images from that name on are held, and analyses are not.
import childProcess from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, join } from 'node:path';

const folder = process.env.FOVEA_HELD_ENGINES;
if (folder && !process.send) {
  // Engines write nowhere unless they are told that they may.
  const { fork } = childProcess;
  childProcess.fork = (script, options) =>
    fork(script, { ...options, execArgv: [...options.execArgv, `--allow-fs-write=${folder}`] });
  syncBuiltinESMExports();
}
if (folder && process.send && basename(process.argv[1] ?? '') === 'engine.js') {
  const COUNTED = ['evaluate', 'analyse', 'boundMap'];
  /** What is done is written twice a second: an answer that comes later than that is written at once, with those before it. */
  const LAST_ANSWER_AFTER_MS = 1000;
  const on = process.on.bind(process);
  const send = process.send.bind(process);
  const held = [];
  /** Ids of evaluations that the engine is at. */
  const atWork = new Set();
  let taken = 0;

  process.on = (event, listener) => on(event, event === 'message' ? (message) => receive(message, listener) : listener);
  process.send = (message, ...more) => {
    if (message.kind === 'progress' || !atWork.has(message.id)) return send(message, ...more);
    const answer = () => {
      send(message, ...more);
      atWork.delete(message.id);
      tell();
    };
    if (mayGoOn()) answer();
    else setTimeout(answer, LAST_ANSWER_AFTER_MS);
    return true;
  };

  const receive = (message, listener) => {
    if (message.kind === 'cancel') {
      const at = held.findIndex(({ id }) => id === message.id);
      if (at >= 0) listener(...held.splice(at, 1));
      listener(message);
    } else if (held.length > 0 || !mayTake(message)) {
      held.push(message);
      tell();
      if (held.length === 1) wait(listener);
    } else take(message, listener);
  };

  const take = (message, listener) => {
    if (COUNTED.includes(message.name)) {
      taken++;
      atWork.add(message.id);
    }
    listener(message);
  };

  const wait = (listener) => {
    if (held.length === 0) return;
    if (mayTake(held[0])) for (const message of held.splice(0)) take(message, listener);
    else setTimeout(wait, 20, listener);
  };

  const tell = () => {
    if (held.length > 0 && atWork.size === 0) writeFileSync(join(folder, String(process.pid)), '');
  };

  const answers = () => readFileSync(join(folder, 'answers'), 'utf8');
  const isName = (answer) => Number.isNaN(Number(answer));
  const mayGoOn = () => isName(answers()) || taken < Number(answers());
  const mayTake = ({ name, input }) => {
    const first = answers();
    if (!isName(first)) return taken < Number(first);
    if (name === 'evaluate') return input.images.every(({ path }) => basename(path) < first);
    return name !== 'calibrate' || input.images.every((path) => basename(path) < first);
  };
}
