// Run as a process of its own: holds the write lock of the store given until it is killed; prints a line once it has it.
import Database from 'better-sqlite3';
import { writeSync } from 'node:fs';

const db = new Database(process.argv[2]!);
db.exec('BEGIN IMMEDIATE');
writeSync(1, 'locked\n');
setInterval(() => db.inTransaction, 1000);
