import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import type { EncodedImage } from '../../src-shared/contract/images.ts';
import { explainSqliteErrors, openSqliteFile } from '../files/sqlite-file.ts';

/** "Fovt", as four bytes. */
const APPLICATION_ID = 0x466f7674;
const MIGRATIONS = [
  `CREATE TABLE thumbnails (
    sha256 BLOB PRIMARY KEY, mime TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, bytes BLOB NOT NULL
  ) STRICT;`,
];

/** Pixels of the longer side of a thumbnail that is kept. */
export const KEPT_THUMBNAIL_SIDE = 128;

export interface ThumbnailFigures {
  readonly images: number;
  readonly bytes: number;
}

/**
 * Thumbnails of images that runs refer to, kept on request by the image's digest, in a file of their own beside the store: they can
 * be made anew, results can not.
 */
export class KeptThumbnails {
  readonly path: string;
  #db: Database.Database | null = null;

  constructor(dataFolder: string) {
    this.path = join(dataFolder, 'thumbnails.sqlite');
  }

  /** @param sha256 hexadecimal */
  find(sha256: string): EncodedImage | null {
    if (!existsSync(this.path)) return null;
    return this.#with((db) => {
      const row = db
        .prepare<[Buffer], EncodedImage>('SELECT mime, width, height, bytes FROM thumbnails WHERE sha256 = ?')
        .get(Buffer.from(sha256, 'hex'));
      return row ? { ...row, bytes: new Uint8Array(row.bytes) } : null;
    });
  }

  /** Of those, which are not kept yet. */
  missing(digests: readonly string[]): string[] {
    return this.#with((db) => {
      const has = db.prepare<[Buffer], 1>('SELECT 1 FROM thumbnails WHERE sha256 = ?').pluck();
      return digests.filter((digest) => has.get(Buffer.from(digest, 'hex')) === undefined);
    });
  }

  keep(thumbnails: readonly (readonly [sha256: string, thumbnail: EncodedImage])[]): void {
    this.#with((db) => {
      const add = db.prepare(
        'INSERT OR REPLACE INTO thumbnails (sha256, mime, width, height, bytes) VALUES (?, ?, ?, ?, ?)',
      );
      db.transaction(() => {
        for (const [sha256, { mime, width, height, bytes }] of thumbnails)
          add.run(Buffer.from(sha256, 'hex'), mime, width, height, bytes);
      })();
    });
  }

  figures(): ThumbnailFigures {
    if (!existsSync(this.path)) return { images: 0, bytes: 0 };
    const images = this.#with((db) => db.prepare<[], number>('SELECT count(*) FROM thumbnails').pluck().get() ?? 0);
    return { images, bytes: images === 0 ? 0 : statSync(this.path).size };
  }

  /** Removes all, and gives the room back. */
  clear(): void {
    this.#with((db) => {
      db.exec('DELETE FROM thumbnails');
      db.pragma('incremental_vacuum');
    });
  }

  close(): void {
    this.#db?.close();
    this.#db = null;
  }

  #with<Result>(action: (db: Database.Database) => Result): Result {
    const db = (this.#db ??= openSqliteFile(this.path, { applicationId: APPLICATION_ID, migrations: MIGRATIONS }));
    return explainSqliteErrors(this.path, () => action(db));
  }
}
