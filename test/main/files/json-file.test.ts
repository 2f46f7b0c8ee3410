import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { jsonFile } from '../../../src-main/files/json-file.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'fovea-json-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const schema = z.object({ count: z.number() });

test('what was written is read, in a folder made for it', async () => {
  const path = join(folder, 'data', 'count.json');
  await jsonFile(path, schema, { count: 0 }).write({ count: 3 });
  expect(await jsonFile(path, schema, { count: 0 }).read()).toEqual({ count: 3 });
});

test.each(['', '{"count": ', '{"count": "three"}', '[]', '\0\0'])('a file that holds %j is forgotten', async (text) => {
  const path = join(folder, 'count.json');
  writeFileSync(path, text);
  expect(await jsonFile(path, schema, { count: 7 }).read()).toEqual({ count: 7 });
});

test('of many writes at once the last one stays, whole, and nothing else is left', async () => {
  const path = join(folder, 'count.json');
  const file = jsonFile(path, schema, { count: 0 });
  await Promise.all(Array.from({ length: 20 }, (_, count) => file.write({ count })));
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ count: 19 });
  expect(readdirSync(folder)).toEqual(['count.json']);
});

test('a write that fails says so, and the next one is made', async () => {
  const path = join(folder, 'blocked', 'count.json');
  writeFileSync(join(folder, 'blocked'), 'a file where a folder should be');
  const file = jsonFile(path, schema, { count: 0 });
  await expect(file.write({ count: 1 })).rejects.toThrow();
  rmSync(join(folder, 'blocked'));
  await file.write({ count: 2 });
  expect(await file.read()).toEqual({ count: 2 });
});
