import Database from 'better-sqlite3';
import { accessSync, closeSync, constants, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from './make-folder.ts';
import { noFile } from './small-file.ts';
import { z } from 'zod';
import { FoveaError } from '../../src-shared/errors.ts';
import { PRIVATE_FILE, PRIVATE_FOLDER } from './private-folder.ts';
import { sharedFileSystemOf } from './shared-file-system.ts';
import { systemCode } from './system-error.ts';

export interface SqliteFileOptions {
  /** Marks whose file it is (https://www.sqlite.org/pragma.html#pragma_application_id). */
  readonly applicationId: number;
  /** Migration n (SQL) brings the file from version n - 1 to n. */
  readonly migrations: readonly string[];
  /** Milliseconds to wait for another process that writes; default 5000. */
  readonly busyTimeoutMs?: number | undefined;
  /** Whether other machines may have the file system, too; default: as it says. */
  readonly isShared?: boolean | undefined;
  /** Whether much is about to be written: a new file has a rollback journal, then, until it is opened again. Default: no. */
  readonly isFilled?: boolean | undefined;
}

/** First bytes of every SQLite 3 file (https://www.sqlite.org/fileformat.html, 1.3.1). */
const MAGIC = 'SQLite format 3\0';

/**
 * Opens an SQLite file, creating or migrating it. A file that is not ours, is damaged, or was written by a newer version is not
 * touched.
 *
 * The write-ahead log lets others read while one process writes. Every commit is synced (`synchronous = FULL`): batches come
 * about once a second, so the cost is nothing, and a power cut loses the last batch at most. The log does not work across machines
 * (https://www.sqlite.org/wal.html, 2): where others may have the file system, a rollback journal takes its place. So it does in a new
 * file that is filled at once, which the log would have written twice.
 * @throws FoveaError `store-damaged`, `store-newer`, `store-locked`, `store-full`, `output-unwritable`
 */
export function openSqliteFile(path: string, options: SqliteFileOptions): Database.Database {
  return explainSqliteErrors(path, () => {
    const isNew = inspectHeader(path, options);
    if (isNew) {
      makeFolder(dirname(path), PRIVATE_FOLDER);
      // SQLite gives its log the permissions of the file.
      closeSync(openSync(path, 'a', PRIVATE_FILE));
    }
    const db = new Database(path, { timeout: options.busyTimeoutMs ?? 5000 });
    try {
      // Before the first table: space that a deleted run leaves can then be given back.
      if (isNew) db.pragma('auto_vacuum = INCREMENTAL');
      const isShared = options.isShared ?? sharedFileSystemOf(path) !== null;
      setJournal(db, isShared || (isNew && options.isFilled) ? 'delete' : 'wal');
      db.pragma('synchronous = FULL');
      db.pragma('foreign_keys = ON');
      db.pragma('trusted_schema = OFF');
      migrate(db, path, options);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

function setJournal(db: Database.Database, wanted: 'wal' | 'delete'): void {
  // A log that somebody uses stays.
  if (db.pragma(`journal_mode = ${wanted}`, { simple: true }) !== 'wal' || wanted === 'wal') return;
  throw new FoveaError(
    'store-locked',
    `${db.name}: another Fovea has the store open, with a log that does not work on a file system of several machines`,
    'Wait until it is done, or name another file with --db.',
  );
}

/** Whether a file is there, and cannot be written: it, or its folder, where its log would have to be made. */
export function isWriteProtected(path: string): boolean {
  try {
    accessSync(path, constants.F_OK);
  } catch {
    return false;
  }
  try {
    for (const place of [path, dirname(path)]) accessSync(place, constants.W_OK);
    return false;
  } catch {
    return true;
  }
}

/**
 * Opens an SQLite file that is not to be written; one that is not there is empty, and is not made. With a log beside it others may be
 * writing, and SQLite has to read both; without one the file is all there is, and is read into memory, where it can be migrated.
 * @throws FoveaError `store-damaged`, `store-newer`, `output-unwritable` when the log cannot be read like this
 */
export function openSqliteFileToRead(path: string, options: SqliteFileOptions): Database.Database {
  return explainSqliteErrors(path, () => {
    const hasLog = (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
    // With a log the header may be that of an empty file; the version is checked below.
    const isNew = !hasLog && inspectHeader(path, options);
    const db = hasLog ? new Database(path, { readonly: true }) : isNew ? new Database(':memory:') : copyInMemory(path);
    try {
      db.pragma('trusted_schema = OFF');
      if (hasLog) checkVersion(db, path, options);
      else migrate(db, path, options);
      db.pragma('query_only = ON');
      return db;
    } catch (error) {
      db.close();
      throw hasLog && isUnopenable(error)
        ? protectedFile(path, 'has a write-ahead log, which cannot be read where nothing can be written', error)
        : error;
    }
  });
}

function copyInMemory(path: string): Database.Database {
  const bytes = readFileSync(path);
  // "Legacy" for both format versions of the header: with those of a log, SQLite wants to make one (fileformat.html, 1.3.3).
  bytes.fill(1, 18, 20);
  return new Database(bytes);
}

function checkVersion(db: Database.Database, path: string, { applicationId, migrations }: SqliteFileOptions): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  if (db.pragma('application_id', { simple: true }) !== applicationId)
    throw foreign(path, 'an SQLite file of another program');
  if (version > migrations.length) throw newer(path, version, migrations.length);
  if (version < migrations.length)
    throw protectedFile(path, 'written by an older Fovea, and cannot be brought up to date where it is');
}

function isUnopenable(error: unknown): boolean {
  return /^SQLITE_(CANTOPEN|READONLY)/.test(systemCode(error) ?? '');
}

function protectedFile(path: string, what: string, cause?: unknown): FoveaError {
  return new FoveaError(
    'output-unwritable',
    `${path}: ${what}`,
    'Copy it, with its -wal file, to a folder that can be written, and name the copy with --db.',
    { cause },
  );
}

/**
 * Runs what uses the file, turning SQLite's errors into Fovea's.
 * @throws FoveaError `store-damaged`, `store-locked`, `store-full`, `output-unwritable`
 */
export function explainSqliteErrors<Result>(path: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    throw explained(path, error);
  }
}

/** Whether an error says that another process is writing to the file. */
export function isFileLocked(error: unknown): boolean {
  return error instanceof FoveaError && error.code === 'store-locked' && error.cause instanceof Database.SqliteError;
}

/** @returns whether the file is still to be made */
function inspectHeader(path: string, { applicationId, migrations }: SqliteFileOptions): boolean {
  const header = Buffer.alloc(100);
  let length;
  try {
    const stats = statSync(path);
    // A pipe would be waited for without end.
    if (!stats.isFile())
      throw new FoveaError('output-unwritable', `${path}: ${noFile(stats)}`, 'Name a file with --db.');
    const file = openSync(path, 'r');
    length = readSync(file, header);
    closeSync(file);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return true;
    throw error;
  }
  if (length === 0) return true;
  if (length < header.length || header.toString('latin1', 0, MAGIC.length) !== MAGIC)
    throw foreign(path, 'something else, or the file is damaged');
  // Offsets of user_version and application_id in the header.
  const version = header.readInt32BE(60);
  const application = header.readInt32BE(68);
  if (application !== applicationId && !(application === 0 && version === 0 && isOursInLog(path, applicationId)))
    throw foreign(path, 'an SQLite file of another program');
  if (version > migrations.length) throw newer(path, version, migrations.length);
  return false;
}

/**
 * Until the first checkpoint the log alone says whose file it is; until the first commit nothing does. Where a process was killed in a
 * write, what it had written has to be taken back before anything can be read, by SQLite itself.
 */
function isOursInLog(path: string, applicationId: number, readonly = true): boolean {
  const db = new Database(path, { readonly });
  try {
    const application = db.pragma('application_id', { simple: true });
    return application === applicationId || db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
  } catch (error) {
    if (!readonly || !(error instanceof Database.SqliteError) || error.code !== 'SQLITE_READONLY_ROLLBACK') throw error;
  } finally {
    db.close();
  }
  return isOursInLog(path, applicationId, false);
}

function migrate(db: Database.Database, path: string, { applicationId, migrations }: SqliteFileOptions): void {
  const version = () => Number(db.pragma('user_version', { simple: true }));
  if (version() === migrations.length) return;
  const upgrade = db.transaction(() => {
    // Read again under the lock: another process may have been faster.
    const from = version();
    if (from > migrations.length) throw newer(path, from, migrations.length);
    for (const migration of migrations.slice(from)) db.exec(migration);
    db.pragma(`application_id = ${applicationId}`);
    db.pragma(`user_version = ${migrations.length}`);
  });
  upgrade.immediate();
}

function foreign(path: string, found: string): FoveaError {
  return new FoveaError(
    'store-damaged',
    `${path}: expected a store of Fovea, found ${found}; it was not touched`,
    'Name another file with --db, or restore this one.',
  );
}

function newer(path: string, found: number, known: number): FoveaError {
  return new FoveaError(
    'store-newer',
    `${path}: written by a newer Fovea (store version ${found}; this one knows up to ${known}); it was not touched`,
    'Update Fovea, or name another file with --db.',
  );
}

function explained(path: string, error: unknown): unknown {
  // No JSON, other fields, or bytes too few.
  if (error instanceof SyntaxError || error instanceof z.ZodError || error instanceof RangeError)
    return altered(path, 'it holds what Fovea has not written', error);
  if (error instanceof FoveaError || !(error instanceof Error) || !('code' in error)) return error;
  const code = String(error.code);
  const fail = (...[kind, what, next]: ConstructorParameters<typeof FoveaError>) =>
    new FoveaError(kind, `${path}: ${what} (${error.message})`, next, { cause: error });
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code))
    return fail(
      'store-damaged',
      'the store is damaged; it was not changed',
      'Restore a copy, or name another file with --db.',
    );
  if (/^SQLITE_(BUSY|LOCKED|PROTOCOL)/.test(code))
    return fail(
      'store-locked',
      'another Fovea is writing to the store',
      'Wait until it is done, or name another file with --db.',
    );
  if (/^(SQLITE_FULL|ENOSPC|EDQUOT)/.test(code))
    return fail('store-full', 'no room left on the disk; everything written before is kept', 'Make room on the disk.');
  if (/^(SQLITE_(CANTOPEN|READONLY|IOERR|PERM|AUTH)|EACCES|EPERM|EROFS|ENOTDIR|EIO)/.test(code))
    return fail(
      'output-unwritable',
      'the store cannot be read or written',
      'Check the permissions of the file and its folder.',
    );
  // A table or a column that is not there, a value that a rule of the schema forbids.
  if (/^SQLITE_(ERROR|MISMATCH|CONSTRAINT|SCHEMA|RANGE)/.test(code)) return altered(path, error.message, error);
  return error;
}

function altered(path: string, what: string, cause: unknown): FoveaError {
  return new FoveaError(
    'store-damaged',
    `${path}: another program has altered the store (${what})`,
    'Restore a copy, or name another file with --db.',
    { cause },
  );
}
