import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished } from 'vitest';

const PRELOAD = pathToFileURL(join(import.meta.dirname, 'held-engines.mjs')).href;

/** Engines that hold their work, so that the command they work for cannot end before the test has done to it what it wants. */
export interface HeldEngines {
  /** The environment of a command whose engines are to be held. */
  readonly env: NodeJS.ProcessEnv;
  /**
   * How many evaluations and analyses each engine answers from its start; all that is asked after is held. Or the name of an image:
   * evaluations and calibrations of images that come before it are answered, and all analyses.
   */
  answer(upTo: number | string): void;
  /** Process ids of so many engines that hold, and that were not given before. Throws where the command ends instead. */
  holding(count: number, command: ChildProcess): Promise<readonly number[]>;
}

/**
 * @param upTo see {@link HeldEngines.answer}
 * @param atEnd takes what is to be done when they are needed no more; default: at the end of the test
 */
export function heldEngines(
  upTo: number | string,
  atEnd: (end: () => void) => unknown = (end) => onTestFinished(end),
): HeldEngines {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-held-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const given = new Set<number>();
  const fresh = () =>
    readdirSync(folder)
      .map(Number)
      .filter((pid) => pid > 0 && !given.has(pid));
  const answer = (answers: number | string) => {
    writeFileSync(join(folder, 'answers.part'), String(answers));
    renameSync(join(folder, 'answers.part'), join(folder, 'answers'));
  };
  answer(upTo);
  return {
    env: {
      ...process.env,
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import ${PRELOAD}`.trim(),
      FOVEA_HELD_ENGINES: folder,
    },
    answer,
    async holding(wanted, command) {
      await expect
        .poll(() => hasEnded(command) || fresh().length >= wanted, { message: 'the engines do not hold' })
        .toBe(true);
      if (hasEnded(command)) throw new Error('the command has ended, and no engine holds');
      const pids = fresh().slice(0, wanted);
      for (const pid of pids) given.add(pid);
      return pids;
    },
  };
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;
