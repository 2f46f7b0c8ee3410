import {
  backdrop,
  blur,
  ellipse,
  linear,
  n,
  path,
  picture,
  radial,
  randomSource,
  relief,
  repeat,
  spots,
} from '../svg.ts';
import type { Random } from '../svg.ts';

const X = 440;
const Y = 262;
const DISC = 88;
/** Each floret stands this angle further round than the one before (Vogel, 1979). */
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));

function petals(random: Random, count: number, length: number, hue: number, lightness: number): string {
  return repeat(count, (index) => {
    const angle = (index / count) * 360 + random(-5, 5);
    const long = DISC + length * random(0.86, 1.1);
    const wide = random(15, 21);
    const curl = random(-7, 7);
    const start = DISC * 0.8;
    const outline = `M${start} 0 C${n(start + 22)} ${n(-wide)} ${n(long - 34)} ${n(-wide)} ${n(long)} ${n(curl)} C${n(long - 34)} ${n(wide)} ${n(start + 22)} ${n(wide)} ${start} 0 Z`;
    const light = lightness + random(-5, 5);
    const colour = `hsl(${(hue + random(-4, 4)).toFixed(0)}, 96%, ${light.toFixed(0)}%)`;
    const veins = [-0.45, 0, 0.45]
      .map((side) => `M${start} 0 Q${n((start + long) / 2)} ${n(side * wide * 1.3)} ${n(long - 12)} ${n(curl * 0.8)}`)
      .join(' ');
    return (
      `<g transform="translate(${X} ${Y}) rotate(${n(angle)})">` +
      path(outline, `fill="${colour}" stroke="hsl(${hue - 8}, 90%, ${n(light - 20)}%)" stroke-width="1.2"`) +
      path(veins, `fill="none" stroke="hsl(${hue - 10}, 90%, ${n(light - 12)}%)" stroke-width="1.1" opacity="0.7"`) +
      path(
        `M${start} 0 C${n(start + 20)} ${n(-wide * 0.8)} ${n(start + 40)} ${n(-wide * 0.6)} ${n(start + 56)} 0 C${n(start + 40)} ${n(wide * 0.6)} ${n(start + 20)} ${n(wide * 0.8)} ${start} 0 Z`,
        'fill="#b4560a" opacity="0.35" filter="url(#soft)"',
      ) +
      '</g>'
    );
  });
}

function florets(random: Random): string {
  return repeat(620, (index) => {
    const share = Math.sqrt((620 - index) / 620);
    const angle = (620 - index) * GOLDEN_ANGLE;
    const [x, y] = [X + DISC * 1.04 * share * Math.cos(angle), Y + DISC * 1.04 * share * Math.sin(angle)];
    const size = 1.6 + 2.6 * share;
    const warm = share > 0.72 ? random(26, 44) : share > 0.4 ? random(12, 22) : random(20, 34);
    const colour = `hsl(${(share > 0.72 ? 32 : 24 + 30 * (1 - share)).toFixed(0)}, 62%, ${warm.toFixed(0)}%)`;
    return (
      ellipse(x + 1, y + 1.2, size, size, 'fill="#1a0c04" opacity="0.8"') +
      ellipse(x, y, size, size, `fill="${colour}"`) +
      ellipse(x - size * 0.3, y - size * 0.35, size * 0.35, size * 0.3, 'fill="#ffdf9c" opacity="0.5"')
    );
  });
}

function leaf(x: number, y: number, angle: number, scale: number): string {
  return (
    `<g transform="translate(${x} ${y}) rotate(${angle}) scale(${scale})">` +
    path('M0 0 C30 -64 110 -66 176 -8 C120 44 40 46 0 0 Z', 'fill="url(#leaf)" filter="url(#blade)"') +
    path(
      'M0 0 Q90 -22 170 -8 M40 -9 Q60 -30 84 -42 M84 -16 Q104 -32 126 -38 M46 -10 Q70 10 98 20 M92 -16 Q112 -2 134 6',
      'fill="none" stroke="#b9cf7c" stroke-width="2" opacity="0.75"',
    ) +
    '</g>'
  );
}

/** One flower before its field on a clear day. */
export function sunflower(): string {
  const random = randomSource(8);
  const field = repeat(520, (index) => {
    const depth = index / 520;
    const [x, y, size] = [random(-20, 820), 420 + 190 * depth + random(-8, 8), 4 + 17 * depth];
    const turn = random(0.55, 1);
    return (
      ellipse(
        x,
        y + size,
        size * 0.7,
        size * 1.5,
        `fill="hsl(${random(82, 108).toFixed(0)}, 42%, ${random(22, 34).toFixed(0)}%)"`,
      ) +
      ellipse(x, y, size, size * turn, `fill="hsl(${random(40, 49).toFixed(0)}, 92%, ${random(44, 56).toFixed(0)}%)"`) +
      ellipse(x, y, size * 0.45, size * 0.45 * turn, 'fill="#4a2c0e"')
    );
  });
  const defs = [
    linear('sky', [
      [0, '#1d63b8'],
      [0.7, '#9cc8ec'],
    ]),
    linear(
      'stem',
      [
        [0, '#4c7a26'],
        [0.4, '#93b552'],
        [1, '#3a611c'],
      ],
      'x1="0" y1="0" x2="1" y2="0"',
    ),
    linear('leaf', [
      [0, '#6f9d3a'],
      [1, '#34601f'],
    ]),
    radial('hollow', [
      [0, '#1b0d04 0.75'],
      [0.45, '#1b0d04 0.1'],
      [0.8, '#1b0d04 0'],
      [1, '#1b0d04 0.4'],
    ]),
    blur('far', 4.2),
    blur('soft', 3),
    blur('shadow', 9),
    relief('blade', { frequency: [0.06, 0.06], octaves: 3, seed: 5 }, 2),
    spots('clouds', { frequency: [0.004, 0.011], octaves: 5, seed: 21 }, [1, 1, 1], 3.4, 0.52),
  ];
  const body = [
    backdrop('fill="url(#sky)" filter="url(#clouds)"'),
    `<g filter="url(#far)">${backdrop('fill="#4d7a3a"', 410)}${field}</g>`,
    path(
      `M${X - 8} ${Y + 60} C${X - 18} 420 ${X + 14} 500 ${X - 6} 620 H${X + 16} C${X + 34} 500 ${X + 4} 420 ${X + 14} ${Y + 60} Z`,
      'fill="url(#stem)"',
    ),
    leaf(X + 6, 480, -18, 1.05),
    leaf(X + 4, 520, 196, 1.15),
    ellipse(X + 10, Y + 22, 150, 148, 'fill="#0e2408" opacity="0.35" filter="url(#shadow)"'),
    petals(random, 26, 106, 40, 46),
    petals(random, 24, 92, 46, 53),
    ellipse(X, Y, DISC + 6, DISC + 6, 'fill="#3a1e08"'),
    florets(random),
    ellipse(X, Y, DISC + 6, DISC + 6, 'fill="url(#hollow)"'),
  ];
  return picture(defs, body);
}
