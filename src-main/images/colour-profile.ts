/** D50-adapted colourants of sRGB: X, Y, Z of red, green and blue as its ICC profile gives them (IEC 61966-2-1, color.org). */
const SRGB_COLOURANTS = {
  rXYZ: [0.4361, 0.2225, 0.0139],
  gXYZ: [0.3851, 0.7169, 0.0971],
  bXYZ: [0.1431, 0.0606, 0.7141],
} as const;
/** Profiles round differently; the nearest other space in use (Rec. 709 primaries, another curve) differs in its curve by far more. */
const COLOURANT_TOLERANCE = 0.001;
/** Half a grey level of 255. */
const CURVE_TOLERANCE = 0.5 / 255;
const CURVE_SAMPLES = 16;

/**
 * Whether an ICC profile describes sRGB, so that converting to sRGB would change nothing but rounding.
 * ICC.1:2010 sections 7.2 (header), 7.3 (tag table), 10.5 (curve), 10.15 (parametric curve), 10.31 (XYZ).
 * @param profile bytes of the profile; anything else is no sRGB
 */
export function isSrgbProfile(profile: Uint8Array): boolean {
  try {
    const view = new DataView(profile.buffer, profile.byteOffset, profile.byteLength);
    if (fourCharacters(view, 16) !== 'RGB ' || fourCharacters(view, 20) !== 'XYZ ') return false;
    const tags = tagOffsets(view);
    // A table would count before matrix and curves.
    if (tags.has('A2B0')) return false;
    return (
      Object.entries(SRGB_COLOURANTS).every(([tag, colourant]) => hasColourant(view, tags.get(tag), colourant)) &&
      ['rTRC', 'gTRC', 'bTRC'].every((tag) => hasSrgbCurve(view, tags.get(tag)))
    );
  } catch (error) {
    // A tag that points outside of the profile.
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/**
 * The name a profile gives itself, in its first language, or null. ICC.1:2010 section 10.13 (multiLocalizedUnicode), ICC.1:2001
 * section 6.5.17 (textDescription).
 */
export function profileName(profile: Uint8Array): string | null {
  try {
    const view = new DataView(profile.buffer, profile.byteOffset, profile.byteLength);
    const offset = tagOffsets(view).get('desc');
    if (offset === undefined) return null;
    const type = fourCharacters(view, offset);
    const text = (start: number, length: number, wide: boolean) =>
      new TextDecoder(wide ? 'utf-16be' : 'latin1').decode(profile.subarray(start, start + length));
    const name =
      type === 'mluc'
        ? text(offset + view.getUint32(offset + 24), view.getUint32(offset + 20), true)
        : type === 'desc'
          ? text(offset + 12, view.getUint32(offset + 8), false)
          : '';
    return (
      name
        .replace(/[\p{Cc}]/gu, '')
        .trim()
        .slice(0, 80) || null
    );
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function fourCharacters(view: DataView, offset: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((at) => view.getUint8(offset + at)));
}

function tagOffsets(view: DataView): Map<string, number> {
  const offsets = new Map<string, number>();
  const count = view.getUint32(128);
  for (let at = 132; at < 132 + 12 * count; at += 12) offsets.set(fourCharacters(view, at), view.getUint32(at + 4));
  return offsets;
}

function hasColourant(view: DataView, offset: number | undefined, colourant: readonly number[]): boolean {
  if (offset === undefined) return false;
  return colourant.every((value, axis) => Math.abs(fixed(view, offset + 8 + 4 * axis) - value) < COLOURANT_TOLERANCE);
}

/** s15Fixed16Number. */
function fixed(view: DataView, offset: number): number {
  return view.getInt32(offset) / 65536;
}

function hasSrgbCurve(view: DataView, offset: number | undefined): boolean {
  const curve = offset === undefined ? null : curveAt(view, offset);
  if (!curve) return false;
  return Array.from({ length: CURVE_SAMPLES + 1 }, (_, sample) => sample / CURVE_SAMPLES).every(
    (value) => Math.abs(curve(value) - srgbToLinear(value)) < CURVE_TOLERANCE,
  );
}

function srgbToLinear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** The sampled or the parametric curve of type 3, as sRGB has it; null for any other. */
function curveAt(view: DataView, offset: number): ((value: number) => number) | null {
  const type = fourCharacters(view, offset);
  if (type === 'curv') {
    const last = view.getUint32(offset + 8) - 1;
    if (last < 1) return null;
    const sample = (index: number) => view.getUint16(offset + 12 + 2 * Math.min(index, last)) / 65535;
    return (value) => {
      const below = Math.floor(value * last);
      return sample(below) + (value * last - below) * (sample(below + 1) - sample(below));
    };
  }
  if (type !== 'para' || view.getUint16(offset + 8) !== 3) return null;
  const [g, a, b, c, d] = [0, 1, 2, 3, 4].map((parameter) => fixed(view, offset + 12 + 4 * parameter));
  return (value) => (value >= d! ? (a! * value + b!) ** g! : c! * value);
}
