// What the scenes are drawn with: seeded chance, gradients, and textures made of noise.

export type Random = (low: number, high: number) => number;

/** Mulberry32, uniform in [low, high); the same seed draws the same picture everywhere. */
export function randomSource(seed: number): Random {
  let state = seed;
  return (low, high) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return low + (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * (high - low);
  };
}

export function pick<T>(random: Random, from: readonly [T, ...T[]]): T {
  return from[Math.floor(random(0, from.length))] ?? from[0];
}

export function repeat(count: number, draw: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => draw(index)).join('');
}

/** A number as SVG text, to a hundredth of a pixel. */
export function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}

export function polygon(points: readonly (readonly [number, number])[], attributes: string): string {
  return `<polygon points="${points.map(([x, y]) => `${n(x)},${n(y)}`).join(' ')}" ${attributes}/>`;
}

export function ellipse(x: number, y: number, rx: number, ry: number, attributes: string): string {
  return `<ellipse cx="${n(x)}" cy="${n(y)}" rx="${n(rx)}" ry="${n(ry)}" ${attributes}/>`;
}

export function path(d: string, attributes: string): string {
  return `<path d="${d}" ${attributes}/>`;
}

/** "#rrggbb", or "#rrggbb opacity". */
export type Stop = readonly [offset: number, colour: string];

function stops(list: readonly Stop[]): string {
  return list
    .map(([offset, text]) => {
      const [colour, opacity = '1'] = text.split(' ');
      return `<stop offset="${offset}" stop-color="${colour}" stop-opacity="${opacity}"/>`;
    })
    .join('');
}

/** From the top to the bottom of the painted shape, or along `axis` in shares of its box. */
export function linear(id: string, list: readonly Stop[], axis = 'x1="0" y1="0" x2="0" y2="1"'): string {
  return `<linearGradient id="${id}" ${axis}>${stops(list)}</linearGradient>`;
}

export function radial(id: string, list: readonly Stop[], place = 'cx="0.5" cy="0.5" r="0.5"'): string {
  return `<radialGradient id="${id}" ${place}>${stops(list)}</radialGradient>`;
}

export interface Noise {
  /** Cycles per pixel, horizontal and vertical. */
  readonly frequency: readonly [number, number];
  readonly octaves: number;
  readonly seed: number;
}

const FILTER = 'x="0" y="0" width="1" height="1" color-interpolation-filters="sRGB"';

function turbulence({ frequency, octaves, seed }: Noise): string {
  const base = frequency.join(' ');
  return `<feTurbulence type="fractalNoise" baseFrequency="${base}" numOctaves="${octaves}" seed="${seed}" result="noise"/>`;
}

/** Spots of one colour ([0, 1] RGB) over the shape, where the noise exceeds `from`; `gain` makes their edges hard. */
export function spots(
  id: string,
  noise: Noise,
  [red, green, blue]: readonly [number, number, number],
  gain: number,
  from: number,
): string {
  const matrix = `0 0 0 0 ${red} 0 0 0 0 ${green} 0 0 0 0 ${blue} ${gain} 0 0 0 ${n(-gain * from)}`;
  return (
    `<filter id="${id}" ${FILTER}>${turbulence(noise)}<feColorMatrix in="noise" type="matrix" values="${matrix}"/>` +
    `<feComposite in2="SourceGraphic" operator="in" result="spots"/>` +
    `<feMerge><feMergeNode in="SourceGraphic"/><feMergeNode in="spots"/></feMerge></filter>`
  );
}

/** The shape as a rough surface: noise as height in pixels, lit from the upper left, multiplied into its colours. */
export function relief(id: string, noise: Noise, height: number, brightness = 1.45): string {
  return (
    `<filter id="${id}" ${FILTER}>${turbulence(noise)}` +
    `<feDiffuseLighting in="noise" surfaceScale="${height}" diffuseConstant="1" lighting-color="#fff" result="light">` +
    `<feDistantLight azimuth="235" elevation="45"/></feDiffuseLighting>` +
    `<feComposite in="SourceGraphic" in2="light" operator="arithmetic" k1="${brightness}" k2="0" k3="0" k4="0"/>` +
    `<feComposite in2="SourceGraphic" operator="in"/></filter>`
  );
}

/** The shape with edges as rough as a hand or nature makes them. */
export function rough(id: string, noise: Noise, pixels: number): string {
  return (
    `<filter id="${id}" x="-0.1" y="-0.1" width="1.2" height="1.2">${turbulence(noise)}` +
    `<feDisplacementMap in="SourceGraphic" in2="noise" scale="${pixels}" xChannelSelector="R" yChannelSelector="G"/></filter>`
  );
}

export function blur(id: string, pixels: number): string {
  return (
    `<filter id="${id}" x="-0.5" y="-0.5" width="2" height="2">` + `<feGaussianBlur stdDeviation="${pixels}"/></filter>`
  );
}

export const WIDTH = 800;
export const HEIGHT = 600;
/** Scenes go on this far past the picture's edges, so that blurs and rough edges find something there; cut off in the end. */
export const BLEED = 30;

/** The scene with its bleed as an SVG document. */
export function picture(defs: readonly string[], body: readonly string[]): string {
  const [width, height] = [WIDTH + 2 * BLEED, HEIGHT + 2 * BLEED];
  const view = `width="${width}" height="${height}" viewBox="${-BLEED} ${-BLEED} ${width} ${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${view}><defs>${defs.join('')}</defs>${body.join('')}</svg>`;
}

export function backdrop(attributes: string, top = -BLEED, bottom = HEIGHT + BLEED): string {
  return `<rect x="${-BLEED}" y="${top}" width="${WIDTH + 2 * BLEED}" height="${bottom - top}" ${attributes}/>`;
}
