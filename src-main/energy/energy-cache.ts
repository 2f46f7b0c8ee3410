import type Database from 'better-sqlite3';
import { createHash } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import type { Accelerator } from '../../src-shared/energy/accelerators/parameters.ts';
import { DEFAULT_SWITCHES } from '../../src-shared/energy/energy-switches.ts';
import { estimateAll, type EnergyOptions, type EnergyReport } from '../../src-shared/energy/energy.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import type { LayerCounts } from '../../src-shared/measurement.ts';
import { explainSqliteErrors, openSqliteFile } from '../sqlite-file.ts';

/** "FovE", as four bytes. */
const APPLICATION_ID = 0x466f7645;
const MIGRATIONS = [
  'CREATE TABLE estimate (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, report TEXT NOT NULL) STRICT',
];
/** The newest entries are kept; one of all accelerators takes about 60 kB. */
const MAX_ENTRIES = 1000;

/**
 * Energy estimates by what they were made from: counts, accelerators with every parameter, options and Fovea's version. A change
 * of any of them is another key, so nothing stale can be found. The cache is only a convenience: whatever happens to its file,
 * estimates are made.
 */
export class EnergyCache {
  readonly #path: string;
  readonly #version: string;
  readonly #warn: (message: string) => void;
  readonly #maxEntries: number;
  /** Null while the file cannot be used. */
  #statements: Statements | null = null;
  readonly #digests = new WeakMap<Accelerator, string>();

  /**
   * @param path created where there is none; a damaged or foreign file is renamed and replaced
   * @param version Fovea's
   */
  constructor(path: string, version: string, warn: (message: string) => void, maxEntries = MAX_ENTRIES) {
    this.#path = path;
    this.#version = version;
    this.#warn = warn;
    this.#maxEntries = maxEntries;
    this.#guard(() => this.#open());
  }

  /** As {@link estimateAll}, looked up when it was made before. */
  estimateAll(
    accelerators: readonly Accelerator[],
    layers: readonly LayerCounts[],
    options: EnergyOptions = {},
  ): EnergyReport {
    const key = this.#key(accelerators, layers, options);
    const stored = this.#guard(() => this.#statements?.find.get(key));
    const found = stored === undefined ? null : parseReport(stored);
    if (found) return found;
    const report = estimateAll(accelerators, layers, options);
    this.#guard(() => this.#keep(key, report));
    return report;
  }

  close(): void {
    this.#guard(() => this.#statements?.db.close());
    this.#statements = null;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #key(accelerators: readonly Accelerator[], layers: readonly LayerCounts[], options: EnergyOptions): Buffer {
    const { staticProfile = null, baseline, ...switches } = options;
    const { storage, weights, idleLanes } = { ...DEFAULT_SWITCHES, ...switches };
    const machines = accelerators.map((accelerator) => this.#digest(accelerator));
    const against = baseline ? this.#digest(baseline) : null;
    const settings = [storage, weights, idleLanes, staticProfile];
    return sha256(JSON.stringify([this.#version, machines, against, settings, layers]));
  }

  #keep(key: Buffer, report: EnergyReport): void {
    if (!this.#statements) return;
    const { lastInsertRowid } = this.#statements.keep.run(key, JSON.stringify(report));
    this.#statements.forget.run(Number(lastInsertRowid) - this.#maxEntries);
  }

  #digest(accelerator: Accelerator): string {
    let digest = this.#digests.get(accelerator);
    if (!digest) this.#digests.set(accelerator, (digest = sha256(JSON.stringify(accelerator)).toString('hex')));
    return digest;
  }

  #open(): void {
    const db = openSqliteFile(this.#path, {
      applicationId: APPLICATION_ID,
      migrations: MIGRATIONS,
      busyTimeoutMs: 500,
    });
    // What a power cut takes is estimated anew.
    db.pragma('synchronous = OFF');
    this.#statements = {
      db,
      find: db.prepare<[Buffer], string>('SELECT report FROM estimate WHERE key = ?').pluck(),
      keep: db.prepare('INSERT OR REPLACE INTO estimate (key, report) VALUES (?, ?)'),
      forget: db.prepare('DELETE FROM estimate WHERE id <= ?'),
    };
  }

  /** Runs what uses the file. A damaged or foreign one is set aside for a new one; any other failure ends caching. */
  #guard<Result>(action: () => Result): Result | undefined {
    try {
      return explainSqliteErrors(this.#path, action);
    } catch (error) {
      this.#statements?.db.close();
      this.#statements = null;
      const broken = error instanceof FoveaError && (error.code === 'store-damaged' || error.code === 'store-newer');
      if (broken) this.#replaceFile();
      else this.#warn(`no energy cache: ${messageOf(error)}`);
      return undefined;
    }
  }

  #replaceFile(): void {
    const aside = `${this.#path}.damaged-${new Date().toISOString().replaceAll(':', '-')}`;
    try {
      moveIfThere(this.#path, aside);
      // A log left behind would be taken for the new file's.
      for (const suffix of ['-wal', '-shm']) moveIfThere(this.#path + suffix, aside + suffix);
      this.#warn(`energy cache ${this.#path}: damaged, or not one of this version; set aside as ${aside}`);
      this.#open();
    } catch (error) {
      this.#warn(`no energy cache: ${messageOf(error)}`);
    }
  }
}

/** Another process that found the same fault may have been faster. */
function moveIfThere(from: string, to: string): void {
  if (existsSync(from)) renameSync(from, to);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

interface Statements {
  readonly db: Database.Database;
  readonly find: Database.Statement<[Buffer], string>;
  readonly keep: Database.Statement<[Buffer, string]>;
  readonly forget: Database.Statement<[number]>;
}

/** Null when the text is not a report: then it is estimated and stored anew. */
function parseReport(text: string): EnergyReport | null {
  try {
    const report: unknown = JSON.parse(text);
    return isReport(report) ? report : null;
  } catch {
    return null;
  }
}

/** A glance is enough: only this program writes to the file, and its key holds the version. */
function isReport(value: unknown): value is EnergyReport {
  return typeof value === 'object' && value !== null && 'estimates' in value && Array.isArray(value.estimates);
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
