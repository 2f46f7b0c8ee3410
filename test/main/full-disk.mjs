// Loaded into a command by NODE_OPTIONS: while the file FOVEA_FULL_DISK is there, no store of it grows, as on a disk that is full.
import { existsSync } from 'node:fs';

const file = process.env.FOVEA_FULL_DISK;
if (file && !process.send) {
  const { default: Database } = await import('better-sqlite3');
  const { transaction } = Database.prototype;
  Database.prototype.transaction = function (...words) {
    // Less than there are means: as many as there are.
    this.pragma(`max_page_count = ${existsSync(file) ? 1 : 2 ** 31 - 2}`);
    return transaction.apply(this, words);
  };
}
