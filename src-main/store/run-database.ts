import type Database from 'better-sqlite3';
import { explainSqliteErrors } from '../files/sqlite-file.ts';

/** The open file of a store. Every method may throw FoveaError `store-damaged`, `store-locked`, `store-full`. */
export class RunDatabase {
  readonly path: string;
  readonly db: Database.Database;

  constructor(path: string, db: Database.Database) {
    this.path = path;
    this.db = db;
  }

  close(): void {
    this.db.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** One transaction that either happens whole or not at all; waits for another writer. */
  write<Result>(action: () => Result): Result {
    return explainSqliteErrors(this.path, () => this.db.transaction(action).immediate());
  }

  read<Result>(action: () => Result): Result {
    return explainSqliteErrors(this.path, action);
  }
}
