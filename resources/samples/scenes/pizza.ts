import {
  backdrop,
  blur,
  ellipse,
  linear,
  n,
  path,
  picture,
  pick,
  radial,
  randomSource,
  relief,
  repeat,
  rough,
  spots,
} from '../svg.ts';

const X = 410;
const Y = 300;
const CRUST = 252;
const TOPPED = 214;

/** A pizza on a wooden table, from above. */
export function pizza(): string {
  const random = randomSource(31);
  const place = (reach: number): readonly [number, number] => {
    const [angle, distance] = [random(0, 2 * Math.PI), reach * Math.sqrt(random(0, 1))];
    return [X + distance * Math.cos(angle), Y + distance * Math.sin(angle)];
  };
  const planks = repeat(6, (index) => {
    const lightness = random(27, 36).toFixed(0);
    return `<rect x="-10" y="${index * 100 + 1}" width="820" height="98" fill="hsl(${random(24, 29).toFixed(0)}, 42%, ${lightness}%)"/>`;
  });
  const blobs = (
    count: number,
    reach: number,
    size: readonly [number, number],
    fills: readonly [string, ...string[]],
  ) =>
    repeat(count, () => {
      const [x, y] = place(reach);
      const [rx, ry] = [random(...size), random(...size)];
      return ellipse(
        x,
        y,
        rx,
        ry,
        `fill="${pick(random, fills)}" transform="rotate(${n(random(0, 180))} ${n(x)} ${n(y)})"`,
      );
    });
  // Slices of salami keep their distance, so that each stays whole.
  const centres: (readonly [number, number])[] = [];
  for (let attempt = 0; attempt < 400 && centres.length < 17; attempt++) {
    const [x, y] = place(TOPPED - 34);
    if (centres.every(([a, b]) => Math.hypot(a - x, b - y) > 72)) centres.push([x, y]);
  }
  const salami = centres
    .map(([x, y]) => {
      const size = random(27, 32);
      return (
        ellipse(x + 3, y + 5, size, size, 'fill="#4d1505" opacity="0.55" filter="url(#soft)"') +
        ellipse(x, y, size, size * 0.96, 'fill="url(#salami)" stroke="#7d1d10" stroke-width="2.5" filter="url(#fat)"') +
        ellipse(x - 8, y - 9, 11, 6, 'fill="#fff" opacity="0.2" filter="url(#soft)"')
      );
    })
    .join('');
  const olives = repeat(20, () => {
    const [x, y] = place(TOPPED - 22);
    return (
      ellipse(x + 2, y + 3, 11, 11, 'fill="#3d1a05" opacity="0.5" filter="url(#soft)"') +
      ellipse(x, y, 8.5, 8, 'fill="none" stroke="#23222a" stroke-width="6.5"') +
      path(
        `M${n(x - 7)} ${n(y - 6)} A10 10 0 0 1 ${n(x + 4)} ${n(y - 9)}`,
        'fill="none" stroke="#8b8a99" stroke-width="1.8"',
      )
    );
  });
  const basil = repeat(13, () => {
    const [x, y] = place(TOPPED - 36);
    const turn = n(random(0, 360));
    return (
      `<g transform="translate(${n(x)} ${n(y)}) rotate(${turn}) scale(${n(random(0.75, 1.15))})">` +
      path('M3 5 C14 -13 38 -15 55 4 C38 21 14 20 3 5 Z', 'fill="#2a1503" opacity="0.45" filter="url(#soft)"') +
      path('M0 0 C12 -18 36 -20 52 0 C36 18 12 17 0 0 Z', 'fill="url(#basil)"') +
      path(
        'M0 0 H48 M14 0 L26 -10 M14 0 L26 9 M28 0 L38 -8 M28 0 L38 7',
        'fill="none" stroke="#a8c878" stroke-width="1.3" opacity="0.8"',
      ) +
      '</g>'
    );
  });
  const flour = repeat(160, () =>
    ellipse(
      random(0, 800),
      random(0, 600),
      random(0.6, 2.2),
      random(0.6, 1.8),
      `fill="#fff6e4" opacity="${n(random(0.2, 0.7))}"`,
    ),
  );
  const bubbles = repeat(64, (index) => {
    const angle = (index / 64) * 2 * Math.PI + random(-0.04, 0.04);
    const reach = random(TOPPED + 16, CRUST - 6);
    return ellipse(
      X + reach * Math.cos(angle),
      Y + reach * Math.sin(angle),
      random(7, 17),
      random(7, 14),
      `fill="${pick(random, ['#8a4a14', '#f0c884', '#6b330c', '#e5b469'])}" opacity="0.5" filter="url(#soft)"`,
    );
  });
  const defs = [
    radial('crust', [
      [0.8, '#e3b468'],
      [0.9, '#dba254'],
      [0.97, '#b87431'],
      [1, '#8a4d1b'],
    ]),
    radial('salami', [
      [0, '#c9402a'],
      [0.8, '#b02c1c'],
      [1, '#8e2013'],
    ]),
    linear('basil', [
      [0, '#5d9638'],
      [1, '#2c5f1d'],
    ]),
    radial(
      'light',
      [
        [0, '#fff1d0 0.28'],
        [0.55, '#fff1d0 0'],
        [1, '#120702 0.5'],
      ],
      'cx="0.4" cy="0.3" r="0.8"',
    ),
    blur('shadow', 14),
    blur('soft', 2.4),
    blur('melt', 3.5),
    relief('wood', { frequency: [0.006, 0.22], octaves: 4, seed: 13 }, 1.5),
    relief('dough', { frequency: [0.035, 0.035], octaves: 4, seed: 6 }, 3.2),
    relief('cheese', { frequency: [0.045, 0.045], octaves: 3, seed: 19 }, 3.4, 1.42),
    spots('fat', { frequency: [0.16, 0.16], octaves: 2, seed: 15 }, [0.93, 0.68, 0.55], 5, 0.56),
    rough('edge', { frequency: [0.018, 0.018], octaves: 3, seed: 14 }, 22),
  ];
  const body = [
    `<g filter="url(#wood)">${backdrop('fill="#24130a"')}${planks}</g>`,
    flour,
    ellipse(X + 14, Y + 20, CRUST, CRUST, 'fill="#0d0502" opacity="0.75" filter="url(#shadow)"'),
    '<g filter="url(#edge)">',
    `<g filter="url(#dough)">${ellipse(X, Y, CRUST, CRUST, 'fill="url(#crust)"')}${bubbles}</g>`,
    ellipse(X, Y, TOPPED + 9, TOPPED + 9, 'fill="#a93416"'),
    `<g filter="url(#cheese)">${ellipse(X, Y, TOPPED, TOPPED, 'fill="#efc14f"')}`,
    `<g filter="url(#melt)">${blobs(90, TOPPED - 10, [10, 30], ['#fbe596', '#f8dc7e', '#c8491d', '#f3cb62', '#fdf0b8', '#d9762c'])}</g></g>`,
    '</g>',
    salami,
    olives,
    basil,
    repeat(120, () => {
      const [x, y] = place(TOPPED - 6);
      return path(`M${n(x)} ${n(y)} l${n(random(-4, 4))} ${n(random(-4, 4))}`, 'stroke="#3f5a1e" stroke-width="2"');
    }),
    backdrop('fill="url(#light)"'),
  ];
  return picture(defs, body);
}
