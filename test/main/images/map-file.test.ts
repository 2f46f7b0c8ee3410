import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { loadMap, mapDigest } from '../../../src-main/images/map-file.ts';
import { digestOf } from '../../../src-main/files/digest.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const VALUES = [0, 0.25, 0.5, 0.75, 1, 0.125];
const of3x2 = (values: readonly number[]) => ({ width: 3, height: 2, values: Float64Array.from(values) });

function file(name: string, content: Uint8Array | string): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

/** `numpy.save` of numpy 1.24, [[0, 0.25, 0.5], [0.75, 1, 0.125]] but where said otherwise. */
const HEADER = (descr: string, fortran = 'False', shape = '(2, 3)') =>
  `\x93NUMPY\x01\0v\0${`{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`.padEnd(117)}\n`;
const npy = (header: string, data: Uint8Array) => Buffer.concat([Buffer.from(header, 'latin1'), data]);
const base64 = (text: string) => Buffer.from(text, 'base64');
const WHOLE =
  'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAACAPgAAAD8AAEA/AACAPwAAAD4=';

describe('an array of numpy', () => {
  test.each([
    ['float32', base64(WHOLE)],
    ['float32, big end first', npy(HEADER('>f4'), base64('AAAAAD6AAAA/AAAAP0AAAD+AAAA+AAAA'))],
    [
      'float64 by columns',
      npy(HEADER('<f8', 'True'), base64('AAAAAAAAAAAAAAAAAADoPwAAAAAAANA/AAAAAAAA8D8AAAAAAADgPwAAAAAAAMA/')),
    ],
    ['one channel of float32', npy(HEADER('<f4', 'False', '(1, 2, 3)'), base64('AAAAAAAAgD4AAAA/AABAPwAAgD8AAAA+'))],
  ])('of %s, as numpy wrote it', async (_, bytes) => {
    expect(await loadMap(file('map.npy', bytes))).toMatchObject(of3x2(VALUES));
  });

  test('of whole numbers fills its type, of truth values is 0 or 1', async () => {
    const bytes = Uint8Array.from([0, 64, 128, 191, 255, 32]);
    expect(await loadMap(file('map.npy', npy(HEADER('|u1'), bytes)))).toMatchObject(
      of3x2([...bytes].map((byte) => byte / 255)),
    );
    const words = Uint16Array.from([0, 16384, 32768, 49151, 65535, 8192]);
    expect(await loadMap(file('map.npy', npy(HEADER('<u2'), new Uint8Array(words.buffer))))).toMatchObject(
      of3x2([...words].map((word) => word / 65535)),
    );
    expect(await loadMap(file('map.npy', npy(HEADER('|b1'), Uint8Array.from([0, 0, 1, 1, 1, 0]))))).toMatchObject(
      of3x2([0, 0, 1, 1, 1, 0]),
    );
  });

  test.each([
    ['another type', npy(HEADER('<i8'), new Uint8Array(48)), 'its type is i8, expected float32, float64, uint8'],
    [
      'one axis',
      npy(HEADER('<f4', 'False', '(6,)'), new Uint8Array(24)),
      'its shape is (6), expected rows and columns',
    ],
    ['no values', npy(HEADER('<f4', 'False', '(0, 3)'), new Uint8Array(0)), 'its shape is (0, 3)'],
    ['an end too early', npy(HEADER('<f4'), new Uint8Array(20)), 'it has 148 bytes, expected 152: it is cut off'],
    [
      'a shape beyond all memory',
      npy(HEADER('<f4', 'False', '(999999, 999999)'), new Uint8Array(4)),
      'values, at most',
    ],
    ['objects', npy(HEADER('|O'), new Uint8Array(6)), 'its type is O'],
    ['a name of numbers of JavaScript', npy(HEADER('<toString'), new Uint8Array(6)), 'its type is toString'],
    [
      'not a number',
      npy(HEADER('<f4', 'False', '(1, 2)'), base64('AADAfwAAgD8=')),
      'from 0 to 1, found NaN in row 1, column 1',
    ],
    ['no header', Buffer.from('\x93NUMPY\x01\0\x02\0{}', 'latin1'), 'its header is not one of an array of numbers'],
    ['other bytes', Buffer.from('PK\x03\x04 an archive of them'), 'it is no file of numpy'],
  ])('with %s is refused', async (_, bytes, reason) => {
    await expect(loadMap(file('map.npy', bytes))).rejects.toMatchObject({
      code: 'map-invalid',
      message: expect.stringContaining(reason),
      next: expect.stringContaining('grey PNG'),
    });
  });
});

describe('a PNG', () => {
  const grey = Uint8Array.from([0, 64, 128, 191, 255, 32]);
  const raw = (data: Uint8Array | Uint16Array, channels: 1 | 2 | 3 | 4) =>
    sharp(data, { raw: { width: 3, height: 2, channels } });

  test('of 8 bits, grey or in three equal channels, with a profile or without', async () => {
    const expected = of3x2([...grey].map((byte) => byte / 255));
    expect(await loadMap(file('map.png', await raw(grey, 1).toColourspace('b-w').png().toBuffer()))).toMatchObject(
      expected,
    );
    const colours = Uint8Array.from([...grey].flatMap((byte) => [byte, byte, byte, 255]));
    expect(await loadMap(file('map.PNG', await raw(colours, 4).png().toBuffer()))).toMatchObject(expected);
    const profiled = await raw(colours, 4).withIccProfile('p3').png().toBuffer();
    expect((await loadMap(file('map.png', profiled))).width).toBe(3);
    const palette = await raw(colours, 4).png({ palette: true }).toBuffer();
    expect(await loadMap(file('map.png', palette))).toMatchObject(expected);
  });

  test('of 16 bits keeps all of them', async () => {
    const words = Uint16Array.from([0, 1, 257, 32768, 65535, 12345]);
    const bytes = await sharp(words, { raw: { width: 3, height: 2, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    expect((await sharp(bytes).metadata()).depth).toBe('ushort');
    expect(await loadMap(file('map.png', bytes))).toMatchObject(of3x2([...words].map((word) => word / 65535)));
  });

  test('in colours, transparent, damaged or of another format is refused', async () => {
    const refusal = async (path: string) => loadMap(path).catch((error: unknown) => error);
    const colours = await raw(
      Uint8Array.from({ length: 18 }, (_, at) => at * 7),
      3,
    )
      .png()
      .toBuffer();
    expect(await refusal(file('a.png', colours))).toMatchObject({
      message: expect.stringContaining('in colours, expected grey'),
    });
    const clear = await raw(
      Uint8Array.from({ length: 24 }, () => 128),
      4,
    )
      .png()
      .toBuffer();
    expect(await refusal(file('b.png', clear))).toMatchObject({
      message: expect.stringContaining('transparent in places'),
    });
    const whole = await raw(grey, 1).png().toBuffer();
    expect(await refusal(file('c.png', whole.subarray(0, whole.length - 20)))).toMatchObject({ code: 'map-invalid' });
    expect(await refusal(file('d.png', await raw(grey, 1).jpeg().toBuffer()))).toMatchObject({
      message: expect.stringContaining('it is no PNG'),
    });
  });
});

describe('a text of numbers', () => {
  test.each([
    ['commas', '0,0.25,.5\r\n0.75,1,1.25e-1\r\n'],
    ['semicolons, and a comment', '# fixations\n0;0.25;0.5\n\n0.75;1;0.125'],
    ['tabs', '0\t0.25\t0.5\n0.75\t1\t0.125\n'],
    ['spaces, as numpy.savetxt has it', '0.0 0.25 0.5\n0.75 1.0 0.125\n'],
    ['a byte order mark', '\uFEFF0,0.25,0.5\n0.75,1,0.125\n'],
  ])('with %s', async (_, text) => {
    expect(await loadMap(file('map.csv', text))).toMatchObject(of3x2(VALUES));
  });

  test.each([
    ['rows of several lengths', '0,1\n0,1,0\n', 'line 2 has 3 numbers, the first line 2'],
    ['words', 'x,y\n0,1\n', 'line 1, column 1: expected a number, found "x"'],
    ['gaps', '0,1\n,1\n', 'line 2, column 1: expected a number, found ""'],
    ['NaN', '0,nan\n', 'expected a number, found "nan"'],
    ['bytes', '0,128\n', 'expected importances from 0 to 1, found 128 in row 1, column 2'],
    ['nothing', '\n\n', 'it has no numbers'],
  ])('with %s is refused', async (_, text, reason) => {
    await expect(loadMap(file('map.csv', text))).rejects.toMatchObject({
      code: 'map-invalid',
      message: expect.stringContaining(reason),
    });
  });
});

test('what cannot be read is told by its kind, before it is read', async () => {
  const folder = temporaryFolder();
  const at = (name: string) => join(folder, name);
  mkdirSync(at('folder.csv'));
  writeFileSync(at('empty.csv'), '');
  writeFileSync(at('large.npy'), 'x');
  truncateSync(at('large.npy'), 2 ** 26 + 1);
  writeFileSync(at('map.jpg'), 'x');
  await expect(loadMap(at('none.csv'))).rejects.toMatchObject({ code: 'map-missing' });
  for (const [name, reason] of [
    ['folder.csv', 'found a folder'],
    ['empty.csv', 'the file is empty'],
    ['large.npy', 'at most 67108864 are read'],
    ['map.jpg', 'expected .png, .csv, .npy'],
  ] as const)
    await expect(loadMap(at(name))).rejects.toMatchObject({
      code: 'map-invalid',
      message: expect.stringContaining(reason),
    });
});

test('a map is known by the digest of its file', async () => {
  const path = file('map.csv', '0,1\n');
  expect(await mapDigest(path)).toBe(digestOf(Buffer.from('0,1\n')));
  expect((await loadMap(path)).sha256).toBe(await mapDigest(path));
});
