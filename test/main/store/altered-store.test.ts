import Database from 'better-sqlite3';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runsCompare, runsList, runsMerge, runsShow } from '../../../src-main/commands/runs-command.ts';
import { openRunStore, type RunStore } from '../../../src-main/store/run-store.ts';
import { exportRun, exportTimeloop, exportZigzag } from '../../../src-main/work/export-run.ts';
import { readColumns } from '../../../src-main/work/read-columns.ts';
import { builtinAccelerator } from '../../../src-shared/energy/accelerators/builtin.ts';
import { defaultPricing } from '../../../src-shared/energy/price-order.ts';
import { toErrorRecord } from '../../../src-shared/errors.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { completeRun } from './stored-runs.ts';

const PRICING = defaultPricing([builtinAccelerator('stripes')]);
/** SQL of values that Fovea does not write. */
const JUNK = ["'junk'", '-1', 'NULL', "x'00ff'", "'[]'"];

/** What is asked of a store, by every door; an answer is an answer, whatever it says. */
const QUESTIONS: Readonly<Record<string, (store: RunStore, id: string) => unknown>> = {
  list: (store) => runsList(store),
  show: (store, id) => runsShow(store, id, PRICING),
  compare: (store, id) => runsCompare(store, [id, id], PRICING),
  csv: (store, id) => [...exportRun(store, id, 'csv', { rows: 'images', pricing: PRICING })],
  zigzag: (store, id) => exportZigzag(store, id, 0),
  timeloop: (store, id) => exportTimeloop(store, id, 0),
  columns: (store, id) => readColumns(store, id),
};

const tablesOf = (db: Database.Database) =>
  db
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .pluck()
    .all();

/** What asking ends with that would be called a defect of Fovea; null for an answer and for any other refusal. */
function defectOf(ask: () => unknown): string | null {
  try {
    ask();
    return null;
  } catch (error) {
    const { code, message } = toErrorRecord(error);
    return code === 'internal' ? message : null;
  }
}

test('a store that another program has altered is never a defect of Fovea, whatever is asked of it', () => {
  using store = openRunStore(join(temporaryFolder(), 'runs.sqlite'));
  const id = completeRun(store, 3);
  const { db } = store;
  db.pragma('foreign_keys = OFF');
  db.pragma('ignore_check_constraints = ON');
  const alterations = tablesOf(db).flatMap((table) => [
    `DROP TABLE ${table}`,
    `DELETE FROM ${table}`,
    ...(db.pragma(`table_info(${table})`) as { name: string }[]).flatMap(({ name }) =>
      JUNK.map((value) => `UPDATE ${table} SET ${name} = ${value}`),
    ),
  ]);
  const defects: string[] = [];
  let altered = 0;
  for (const alteration of alterations) {
    db.exec('BEGIN');
    try {
      db.exec(alteration);
      altered++;
      for (const [name, ask] of Object.entries(QUESTIONS)) {
        const defect = defectOf(() => ask(store, id));
        if (defect !== null) defects.push(`${alteration}, ${name}: ${defect}`);
      }
    } catch (error) {
      // The schema itself refuses it: a type, or two rows of one key.
      if (!(error instanceof Database.SqliteError)) throw error;
    } finally {
      db.exec('ROLLBACK');
    }
  }
  expect(defects).toEqual([]);
  expect(altered).toBeGreaterThan(100);
});

test('nor is one that is merged', () => {
  const folder = temporaryFolder();
  const [original, altered] = [join(folder, 'original.sqlite'), join(folder, 'altered.sqlite')];
  const tables: string[] = [];
  {
    using store = openRunStore(original);
    completeRun(store, 3);
    tables.push(...tablesOf(store.db));
  }
  using into = openRunStore(join(folder, 'runs.sqlite'));
  for (const table of tables) {
    copyFileSync(original, altered);
    const db = new Database(altered);
    db.pragma('foreign_keys = OFF');
    db.exec(`DROP TABLE ${table}`);
    db.close();
    expect([table, defectOf(() => runsMerge(into, [altered]))]).toEqual([table, null]);
  }
});
