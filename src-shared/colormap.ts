import { MAX_BITS } from './precision/precision-plan.ts';

/** Red, green, blue: sRGB bytes. */
export type Rgb = readonly [number, number, number];

/**
 * Every fifth of the 256 colours of viridis (Smith and van der Walt, matplotlib 1.5, CC0): perceptually uniform, lightness rises
 * all the way, readable with colour-blindness and in grey. Interpolated linearly it is within one byte of the original.
 */
const VIRIDIS = colours(
  '44015446085c471063481769481d6f482475472a7a46307e453781433d844142873f48893d4e8a3a538b38598c355e8d33638d31688e' +
    '2e6d8e2c718e2a768e297b8e27808e25848e23898e218e8d20928c1f978b1e9c891fa18821a58524aa8328ae802eb37c35b7793dbc74' +
    '46c06f50c46a5ac86465cb5e70cf577cd25089d54895d840a2da37b0dd2fbddf26cae11fd8e219e5e419f1e51dfde725',
);

/**
 * The colours of 0 to 16 bits: near-black for 0, where a region is cropped; then from dark red over orange to cream, the lightness
 * (OKLab) rising from 0.36 to 0.96 with the logarithm of the bits, so that the small widths stay apart.
 */
const BITS = colours(
  '14161a760711a94000c16200d27900de8c00e79b13e8ab41e9b85cebc372eccd84edd595efdda4f1e3b2f3e9bef5eecaf8f3d5',
);

/** From the least important level, dark, to the most important: one hue, so that no level is taken for an importance. */
const LEVELS = colours('1b2a3d2f4a6b4a709b7498c4a6c1e4dbe9fa');

/** Viridis at 0 (dark) to 1 (bright); values outside are clamped. For importance. */
export function viridis(value: number): Rgb {
  return interpolate(VIRIDIS, value * (VIRIDIS.length - 1));
}

/** The one colour of a bit width, 0..16, fractions between: the same in every picture, whatever else it shows. */
export function bitsColour(bits: number): Rgb {
  return interpolate(BITS, (bits / MAX_BITS) * (BITS.length - 1));
}

/** Blue at `levels` even steps; a single level is the highest. */
export function levelColour(level: number, levels: number): Rgb {
  return interpolate(LEVELS, (levels > 1 ? level / (levels - 1) : 1) * (LEVELS.length - 1));
}

/** Black or white, whichever reads better on a background (WCAG 2.2 contrast; at least 4.5 to 1 on any colour). */
export function textColourOn(background: Rgb): Rgb {
  const luminance = relativeLuminance(background);
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? [255, 255, 255] : [0, 0, 0];
}

/** Relative luminance, 0 black to 1 white (WCAG 2.2). */
export function relativeLuminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((byte) => {
    const share = byte / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

export function cssColour([red, green, blue]: Rgb): string {
  return `rgb(${red} ${green} ${blue})`;
}

function interpolate(table: readonly Rgb[], position: number): Rgb {
  const clamped = Math.min(Math.max(position, 0), table.length - 1) || 0;
  const index = Math.min(Math.floor(clamped), table.length - 2);
  const share = clamped - index;
  const [low, high] = [table[index]!, table[index + 1]!];
  const mix = (channel: 0 | 1 | 2) => Math.round(low[channel] + share * (high[channel] - low[channel]));
  return [mix(0), mix(1), mix(2)];
}

function colours(hex: string): Rgb[] {
  return (hex.match(/.{6}/g) ?? []).map((colour) => {
    const value = Number.parseInt(colour, 16);
    return [value >> 16, (value >> 8) & 255, value & 255];
  });
}
