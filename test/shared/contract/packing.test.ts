import { Packr } from 'msgpackr';
import { expect, test } from 'vitest';
import { PACKING } from '../../../src-shared/contract/packing.ts';

const there = new Packr(PACKING);
const here = new Packr(PACKING);

test.each([
  Uint8Array.of(0, 127, 255),
  Float32Array.of(1.5, -0, 1e-40, Number.NaN),
  Float64Array.of(Math.PI, -Infinity),
  Int32Array.of(-(2 ** 31), 7),
  Uint32Array.of(2 ** 32 - 1),
  Uint16Array.of(65_535),
  Int16Array.of(-1),
  Int8Array.of(-1),
  BigInt64Array.of(-1n),
])('a typed array crosses the WebSocket as what it is: %o', (values) => {
  // Behind a text of odd length the values lie where no wider number could be read in place.
  const [, crossed] = here.unpack(there.pack(['odd', values])) as [string, unknown];
  expect(crossed?.constructor).toBe(values.constructor);
  expect([...(crossed as Iterable<unknown>)]).toEqual([...values]);
});
