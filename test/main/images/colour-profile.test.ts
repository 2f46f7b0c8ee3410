import sharp from 'sharp';
import { expect, test } from 'vitest';
import { isSrgbProfile } from '../../../src-main/images/colour-profile.ts';

/** A profile that libvips brings along. */
async function profile(name: 'srgb' | 'p3' | 'cmyk'): Promise<Uint8Array> {
  const image = sharp({ create: { width: 8, height: 8, channels: 3, background: '#808080' } });
  const { icc } = await sharp(await image.withIccProfile(name).jpeg().toBuffer()).metadata();
  if (!icc) throw new Error(`no profile ${name}`);
  return icc;
}

/** Replaces the first bytes that spell `from`. */
function edited(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  expect(text).toContain(from);
  return Buffer.from(text.replace(from, to), 'latin1');
}

const srgbToLinear = (v: number) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);

/** A matrix profile with sRGB's colourants and one curve for all channels, as ICC.1 lays it out. */
function matrixProfile(curve: Buffer): Uint8Array {
  const xyz = (values: readonly number[]) => {
    const tag = Buffer.alloc(20);
    tag.write('XYZ ');
    values.forEach((value, axis) => tag.writeInt32BE(Math.round(value * 65536), 8 + 4 * axis));
    return tag;
  };
  const data = [xyz([0.43607, 0.22249, 0.01392]), xyz([0.38515, 0.71687, 0.09708]), xyz([0.14307, 0.06061, 0.7141])];
  const tags = ['rXYZ', 'gXYZ', 'bXYZ', 'rTRC', 'gTRC', 'bTRC'];
  const head = Buffer.alloc(132 + 12 * tags.length);
  head.write('RGB XYZ ', 16);
  head.writeUInt32BE(tags.length, 128);
  tags.forEach((tag, index) => {
    head.write(tag, 132 + 12 * index);
    head.writeUInt32BE(head.length + 20 * Math.min(index, 3), 136 + 12 * index);
  });
  return Buffer.concat([head, ...data, curve]);
}

function sampledCurve(samples: number, value: (at: number) => number): Buffer {
  const curve = Buffer.alloc(12 + 2 * samples);
  curve.write('curv');
  curve.writeUInt32BE(samples, 8);
  for (let i = 0; i < samples; i++) curve.writeUInt16BE(Math.round(65535 * value(i / (samples - 1))), 12 + 2 * i);
  return curve;
}

function parametricCurve(type: number, parameters: readonly number[]): Buffer {
  const curve = Buffer.alloc(12 + 4 * parameters.length);
  curve.write('para');
  curve.writeUInt16BE(type, 8);
  parameters.forEach((parameter, index) => curve.writeInt32BE(Math.round(parameter * 65536), 12 + 4 * index));
  return curve;
}

test('the profile of sRGB is known, those of other spaces are not', async () => {
  expect(isSrgbProfile(await profile('srgb'))).toBe(true);
  expect(isSrgbProfile(await profile('p3'))).toBe(false);
  expect(isSrgbProfile(await profile('cmyk'))).toBe(false);
});

test.each([
  ['sampled', sampledCurve(1024, srgbToLinear), true],
  ['parametric', parametricCurve(3, [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045]), true],
  ['a gamma of 2.2', parametricCurve(0, [2.2]), false],
  ['a sampled gamma of 2.2', sampledCurve(1024, (v) => v ** 2.2), false],
  ['a single gamma', sampledCurve(1, () => 2.2 / 256), false],
  ['linear', sampledCurve(2, (v) => v), false],
  ['Rec. 709', sampledCurve(1024, (v) => (v < 0.081 ? v / 4.5 : ((v + 0.099) / 1.099) ** (1 / 0.45))), false],
])('with the colourants of sRGB, the curve decides: %s', (_, curve, expected) => {
  expect(isSrgbProfile(matrixProfile(curve))).toBe(expected);
});

test('what is cut off or otherwise no profile is not sRGB', async () => {
  const whole = await profile('srgb');
  for (const share of [0, 0.01, 0.2, 0.5, 0.7])
    expect(isSrgbProfile(whole.subarray(0, Math.floor(share * whole.length)))).toBe(false);
  expect(isSrgbProfile(edited(whole, 'rXYZ', 'xXYZ'))).toBe(false);
  expect(isSrgbProfile(edited(whole, 'gTRC', 'A2B0'))).toBe(false);
  expect(isSrgbProfile(new Uint8Array(4096).fill(255))).toBe(false);
});
