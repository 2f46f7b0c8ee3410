import Database from 'better-sqlite3';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EnergyCache } from '../../../src-main/energy/energy-cache.ts';
import { parseAccelerator } from '../../../src-shared/energy/accelerators/accelerator.ts';
import { builtinAccelerator, builtinAccelerators } from '../../../src-shared/energy/accelerators/builtin.ts';
import { estimateAll, type EnergyOptions } from '../../../src-shared/energy/energy.ts';
import { describedNetwork } from '../../../src-shared/energy/networks.ts';
import { countsAtBits } from '../../../src-shared/precision/precision-profile.ts';

let folder: string;
let path: string;
let warnings: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-energy-cache-'));
  path = join(folder, 'energy.sqlite');
  warnings = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const { layers } = describedNetwork('alexnet');
const at = (bits: number) =>
  countsAtBits(
    layers,
    layers.map(() => bits),
  );
const ALL = builtinAccelerators();

function open(version = '1.0.0'): EnergyCache {
  return new EnergyCache(path, version, (message) => warnings.push(message));
}

/** Keys in the file: a look-up adds none, a miss adds one. */
function entries(): number {
  const db = new Database(path, { readonly: true });
  const count = Number(db.prepare('SELECT count(*) FROM estimate').pluck().get());
  db.close();
  return count;
}

describe('EnergyCache', () => {
  it('gives what estimating gives, the second time without estimating', () => {
    const first = open();
    expect(first.estimateAll(ALL, at(8))).toEqual(estimateAll(ALL, at(8)));
    first.close();

    // What is stored is what is given: a mark put into the file comes back.
    const db = new Database(path);
    db.prepare(`UPDATE estimate SET report = json_set(report, '$.estimates[0].cycles', 12345)`).run();
    db.close();
    const again = open();
    expect(again.estimateAll(ALL, at(8)).estimates[0]!.cycles).toBe(12345);
    again.close();
    expect(warnings).toEqual([]);
  });

  it('misses when anything it was made from changes', () => {
    const copy: unknown = structuredClone(builtinAccelerator('stripes'));
    const changed = parseAccelerator(
      JSON.parse(JSON.stringify(copy).replace('"value":1.22,"unit":"1"', '"value":1.23,"unit":"1"')),
      'changed copy',
    );
    const variants: readonly [typeof ALL, ReturnType<typeof at>, EnergyOptions][] = [
      [ALL, at(8), {}],
      [ALL, at(7), {}],
      [ALL.slice(1), at(8), {}],
      [[changed], at(8), {}],
      [[builtinAccelerator('stripes')], at(8), {}],
      [ALL, at(8), { storage: 'packed' }],
      [ALL, at(8), { weights: 'dram' }],
      [ALL, at(8), { idleLanes: 'powered' }],
      [ALL, at(8), { staticProfile: layers.map(() => 6) }],
      [ALL, at(8), { baseline: builtinAccelerator('isaac') }],
    ];
    const cache = open();
    for (const [k, [accelerators, counts, options]] of variants.entries()) {
      for (let repeat = 0; repeat < 2; repeat++)
        expect(cache.estimateAll(accelerators, counts, options)).toEqual(estimateAll(accelerators, counts, options));
      expect(entries()).toBe(k + 1);
    }
    cache.close();
    const newer = open('1.0.1');
    newer.estimateAll(ALL, at(8));
    expect(entries()).toBe(variants.length + 1);
    newer.close();
  });

  it('serves two at once', () => {
    const [one, other] = [open(), open()];
    one.estimateAll(ALL, at(8));
    expect(other.estimateAll(ALL, at(8))).toEqual(estimateAll(ALL, at(8)));
    other.estimateAll(ALL, at(7));
    one.estimateAll(ALL, at(7));
    expect(entries()).toBe(2);
    one.close();
    other.close();
    expect(warnings).toEqual([]);
  });

  it.each([
    ['text', () => writeFileSync(path, 'this is not a database, and long enough to hold a header '.repeat(10))],
    ['a short file', () => writeFileSync(path, 'SQLite')],
    [
      "another program's database",
      () => {
        const db = new Database(path);
        db.pragma('application_id = 42');
        db.exec('CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)');
        db.close();
      },
    ],
    [
      'a cache of a newer version',
      () => {
        open().close();
        const db = new Database(path);
        db.pragma('user_version = 99');
        db.close();
      },
    ],
  ])('sets %s aside unchanged, with a warning, and goes on', (_what, write) => {
    write();
    const before = readFileSync(path);
    const cache = open();
    expect(cache.estimateAll(ALL, at(8))).toEqual(estimateAll(ALL, at(8)));
    cache.close();
    expect(entries()).toBe(1);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('set aside');
    const aside = readdirSync(folder).filter((name) => /\.damaged-[^.]+\.\d+Z$/.test(name));
    expect(aside).toHaveLength(1);
    expect(readFileSync(join(folder, aside[0]!)).equals(before)).toBe(true);
  });

  it('sets a file aside whose pages turn out to be damaged', () => {
    const first = open();
    for (let bits = 0; bits <= 16; bits++) first.estimateAll(ALL, at(bits));
    first.close();
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 4096);
    writeFileSync(path, bytes);
    const cache = open();
    for (const bits of [3, 4, 5]) expect(cache.estimateAll(ALL, at(bits))).toEqual(estimateAll(ALL, at(bits)));
    cache.close();
    expect(warnings).toHaveLength(1);
    expect(readdirSync(folder).some((name) => name.includes('.damaged-'))).toBe(true);
  });

  it('estimates a stored entry anew that cannot be read', () => {
    const first = open();
    first.estimateAll(ALL, at(8));
    first.close();
    const db = new Database(path);
    db.prepare(`UPDATE estimate SET report = '{"estimates": ['`).run();
    db.close();
    const cache = open();
    expect(cache.estimateAll(ALL, at(8))).toEqual(estimateAll(ALL, at(8)));
    cache.close();
  });

  it('goes without a file where none can be made', () => {
    path = join(folder, 'file', 'energy.sqlite');
    writeFileSync(join(folder, 'file'), '');
    const cache = open();
    expect(cache.estimateAll(ALL, at(8))).toEqual(estimateAll(ALL, at(8)));
    cache.close();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('no energy cache');
  });

  it('keeps the newest entries only', () => {
    const cache = new EnergyCache(path, '1.0.0', (message) => warnings.push(message), 3);
    for (const bits of [1, 2, 3, 4, 5]) cache.estimateAll(ALL, at(bits));
    expect(entries()).toBe(3);
    cache.estimateAll(ALL, at(5));
    cache.estimateAll(ALL, at(3));
    expect(entries()).toBe(3);
    cache.close();
    expect(warnings).toEqual([]);
  });

  it('estimates on when it is closed', () => {
    const cache = open();
    cache.close();
    expect(cache.estimateAll(ALL, at(8))).toEqual(estimateAll(ALL, at(8)));
    expect(warnings).toEqual([]);
  });
});
