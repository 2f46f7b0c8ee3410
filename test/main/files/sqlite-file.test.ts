import Database from 'better-sqlite3';
import { chmodSync, copyFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isWriteProtected, openSqliteFile, openSqliteFileToRead } from '../../../src-main/files/sqlite-file.ts';
import { sharedFileSystem } from '../../../src-main/files/shared-file-system.ts';
import { heldPipe } from '../held-pipe.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const FIRST = 'CREATE TABLE note (text TEXT) STRICT';
const SECOND = "ALTER TABLE note ADD COLUMN colour TEXT NOT NULL DEFAULT 'grey'";
const OPTIONS = { applicationId: 0x466f7665, migrations: [FIRST, SECOND] };

/** A closed file with a note in it, alone in its folder. */
function noteFile(migrations = OPTIONS.migrations): string {
  const path = join(temporaryFolder(), 'notes.sqlite');
  const db = openSqliteFile(path, { ...OPTIONS, migrations });
  db.exec("INSERT INTO note (text) VALUES ('kept')");
  db.close();
  return path;
}

function toRead(path: string, migrations = OPTIONS.migrations): Database.Database {
  const db = openSqliteFileToRead(path, { ...OPTIONS, migrations });
  onTestFinished(() => void db.close());
  return db;
}

it.skipIf(process.platform === 'win32')('what is no file is refused, and a pipe not waited for', () => {
  const pipe = heldPipe(join(temporaryFolder(), 'notes.sqlite'), 'not a store');
  for (const [path, found] of [
    [pipe, 'a pipe'],
    ['/dev/null', 'a device'],
    [temporaryFolder(), 'a folder'],
  ] as const)
    for (const open of [openSqliteFile, openSqliteFileToRead])
      expect(() => open(path, OPTIONS)).toThrow(
        expect.objectContaining({ code: 'output-unwritable', message: `${path}: expected a file, found ${found}` }),
      );
});

describe('a file that several machines may open', () => {
  const journal = (db: Database.Database) => db.pragma('journal_mode', { simple: true });

  it('has no log, which works on one machine alone', () => {
    const path = noteFile();
    const shared = openSqliteFile(path, { ...OPTIONS, isShared: true });
    expect(journal(shared)).toBe('delete');
    const other = openSqliteFile(path, { ...OPTIONS, isShared: true });
    other.exec("INSERT INTO note (text) VALUES ('other')");
    expect(shared.prepare('SELECT text FROM note').pluck().all()).toEqual(['kept', 'other']);
    for (const db of [shared, other]) db.close();
    expect(readdirSync(join(path, '..'))).toEqual(['notes.sqlite']);
    const alone = openSqliteFile(path, { ...OPTIONS, isShared: false });
    expect(journal(alone)).toBe('wal');
    alone.close();
  });

  it('is refused while somebody has it open with a log', () => {
    const path = noteFile();
    const alone = openSqliteFile(path, { ...OPTIONS, isShared: false });
    onTestFinished(() => void alone.close());
    alone.prepare('SELECT text FROM note').all();
    expect(() => openSqliteFile(path, { ...OPTIONS, isShared: true, busyTimeoutMs: 1 })).toThrow(
      expect.objectContaining({ code: 'store-locked' }),
    );
    expect(journal(alone)).toBe('wal');
  });

  it('is known by its file system', () => {
    // Linux gives some types as negative numbers: 0xff534d42.
    expect([0x6969, 0x0bd00bd0, -0xacb2be, 0x01021997].map(sharedFileSystem)).toEqual(['NFS', 'Lustre', 'CIFS', '9P']);
    // ext4, XFS, Btrfs, tmpfs, overlayfs
    for (const type of [0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630])
      expect(sharedFileSystem(type)).toBe(null);
  });
});

describe('a file that is opened to be read', () => {
  it('is read whole, and neither it nor its folder is touched', () => {
    const path = noteFile();
    const before = readFileSync(path);
    const db = toRead(path);
    expect(db.prepare('SELECT text, colour FROM note').get()).toEqual({ text: 'kept', colour: 'grey' });
    expect(() => db.exec("INSERT INTO note (text) VALUES ('new')")).toThrow(/readonly/);
    expect(readFileSync(path)).toEqual(before);
    expect(readdirSync(join(path, '..'))).toEqual(['notes.sqlite']);
  });

  it('is migrated where it is read, not where it lies', () => {
    const path = noteFile([FIRST]);
    const before = readFileSync(path);
    expect(toRead(path).prepare('SELECT colour FROM note').pluck().get()).toBe('grey');
    expect(readFileSync(path)).toEqual(before);
  });

  it('is read with the log of a process that is writing', () => {
    const path = noteFile();
    const writing = openSqliteFile(path, OPTIONS);
    onTestFinished(() => void writing.close());
    writing.exec("INSERT INTO note (text) VALUES ('in the log')");
    const db = toRead(path);
    expect(db.prepare('SELECT text FROM note').pluck().all()).toEqual(['kept', 'in the log']);
    expect(() => db.exec("INSERT INTO note (text) VALUES ('new')")).toThrow(/readonly/);
    const [older, newer] = [[...OPTIONS.migrations, 'SELECT 1'], [FIRST]];
    expect(() => toRead(path, older)).toThrow(
      expect.objectContaining({ code: 'output-unwritable', next: expect.stringContaining('-wal') }),
    );
    expect(() => toRead(path, newer)).toThrow(expect.objectContaining({ code: 'store-newer' }));
  });

  it('is refused where it is something else', () => {
    const folder = temporaryFolder({ 'text.sqlite': 'just a text '.repeat(100) });
    const marked = join(folder, 'marked.sqlite');
    new Database(marked).exec('PRAGMA application_id = 7; CREATE TABLE bookmarks (url)').close();
    for (const path of [marked, join(folder, 'text.sqlite')])
      expect(() => toRead(path)).toThrow(expect.objectContaining({ code: 'store-damaged' }));
  });

  // The superuser may write whatever its permissions.
  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)('may lie where nothing can be written', () => {
    const path = noteFile();
    const folder = join(path, '..');
    onTestFinished(() => chmodSync(folder, 0o700));
    expect([isWriteProtected(path), isWriteProtected(join(folder, 'none'))]).toEqual([false, false]);
    chmodSync(path, 0o400);
    expect(isWriteProtected(path)).toBe(true);
    chmodSync(path, 0o600);
    const writing = openSqliteFile(path, OPTIONS);
    writing.exec("INSERT INTO note (text) VALUES ('in the log')");
    copyFileSync(`${path}-wal`, join(folder, 'log'));
    copyFileSync(path, join(folder, 'body'));
    writing.close();
    copyFileSync(join(folder, 'body'), path);
    copyFileSync(join(folder, 'log'), `${path}-wal`);
    chmodSync(folder, 0o500);
    expect(isWriteProtected(path)).toBe(true);
    expect(() => toRead(path)).toThrow(
      expect.objectContaining({ code: 'output-unwritable', message: expect.stringContaining('write-ahead log') }),
    );
    chmodSync(folder, 0o700);
    rmSync(`${path}-wal`);
    chmodSync(folder, 0o500);
    expect(toRead(path).prepare('SELECT count(*) FROM note').pluck().get()).toBe(1);
    expect(existsSync(`${path}-wal`)).toBe(false);
  });
});
