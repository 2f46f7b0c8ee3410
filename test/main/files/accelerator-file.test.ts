import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readAccelerator, resolveAccelerators } from '../../../src-main/files/accelerator-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'fovea-accelerator-'));
afterAll(() => rmSync(folder, { recursive: true }));

const shipped = join(import.meta.dirname, '../../../resources/accelerators/stripes.json');

function fileOf(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('resolveAccelerators', () => {
  it('gives all when none is named, and takes ids and names', async () => {
    expect(await resolveAccelerators()).toHaveLength(12);
    expect((await resolveAccelerators(['TPU v1', 'isaac'])).map(({ id }) => id)).toEqual(['tpu-v1', 'isaac']);
  });

  it("takes a user's copy with a changed number beside the original", async () => {
    const text = (await readFile(shipped, 'utf8'))
      .replace('"id": "stripes"', '"id": "stripes-160"')
      .replace('"value": 1.22, "unit": "1"', '"value": 1.6, "unit": "1"');
    const [original, copy] = await resolveAccelerators(['stripes', fileOf('copy.json', text)]);
    expect(original?.kind === 'serial' && original.parameters.powerRatio.value).toBe(1.22);
    expect(copy?.kind === 'serial' && copy.parameters.powerRatio.value).toBe(1.6);
  });

  it('refuses two of one id and names that do not exist', async () => {
    await expect(resolveAccelerators(['stripes', shipped])).rejects.toMatchObject({ code: 'accelerator-invalid' });
    await expect(resolveAccelerators(['quantum'])).rejects.toMatchObject({ code: 'accelerator-unknown' });
  });
});

describe('readAccelerator', () => {
  it.each([
    ['a wrong field', '{ "kind": "serial", "id": 3 }', /field id: expected string, found 3/],
    ['no JSON', '{ "kind": ', /is not JSON/],
    ['an empty file', '', /is not JSON/],
    ['another document', '[1, 2]', /field \(top level\): expected object, found \[1,2\]/],
    ['far too much', ' '.repeat(2 << 20), /1 MiB at most/],
  ])('names the file and the fault of %s', async (what, content, fault) => {
    const path = fileOf(`${what}.json`, content);
    await expect(readAccelerator(path)).rejects.toMatchObject({ code: 'accelerator-invalid' });
    await expect(readAccelerator(path)).rejects.toThrow(path);
    await expect(readAccelerator(path)).rejects.toThrow(fault);
  });

  it('refuses a copy that contradicts its own published figures, naming file and field', async () => {
    const text = (await readFile(shipped, 'utf8')).replace('"tiles": {"value": 16', '"tiles": {"value": 999');
    const path = fileOf('many-tiles.json', text);
    await expect(readAccelerator(path)).rejects.toMatchObject({ code: 'accelerator-invalid' });
    await expect(readAccelerator(path)).rejects.toThrow(`accelerator ${path}: field checks[0]: "NFU"`);
    await expect(readAccelerator(path)).rejects.toThrow('tiles x multipliersPerTile x clock');
  });

  it('says that a file is missing, or a folder', async () => {
    await expect(readAccelerator(join(folder, 'missing.json'))).rejects.toMatchObject({ code: 'accelerator-invalid' });
    await expect(readAccelerator(folder)).rejects.toMatchObject({ code: 'accelerator-invalid' });
  });

  it('takes a file with a byte order mark', async () => {
    const path = fileOf('bom.json', `\uFEFF${await readFile(shipped, 'utf8')}`);
    expect((await readAccelerator(path)).id).toBe('stripes');
  });
});
