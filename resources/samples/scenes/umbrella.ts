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

const X = 400;
const TOP = 84;
const RIM = 300;
const HALF = 288;
const GORES = ['#c8202f', '#f0b41c', '#2468b4', '#3c9a4b', '#e9e4d8', '#c8202f', '#f0b41c', '#2468b4'] as const;

/** Where the ribs meet the rim, seen from slightly above: evenly spaced round a circle. */
function ribs(): { readonly x: number; readonly y: number }[] {
  return Array.from({ length: GORES.length + 1 }, (_, index) => {
    const angle = Math.PI * (index / GORES.length);
    return { x: X - HALF * Math.cos(angle), y: RIM + 24 * Math.sin(angle) };
  });
}

function canopy(): string {
  const corners = ribs();
  return GORES.map((colour, index) => {
    const [left, right] = [corners[index], corners[index + 1]];
    if (left === undefined || right === undefined) return '';
    const side = (corner: { readonly x: number; readonly y: number }) =>
      `${n(X + (corner.x - X) * 0.82)} ${n(TOP + 62)}`;
    const sag = `${n((left.x + right.x) / 2)} ${n((left.y + right.y) / 2 - 34)}`;
    const outline = `M${X} ${TOP} Q${side(left)} ${n(left.x)} ${n(left.y)} Q${sag} ${n(right.x)} ${n(right.y)} Q${side(right)} ${X} ${TOP} Z`;
    const seam = `M${X} ${TOP} Q${side(right)} ${n(right.x)} ${n(right.y)}`;
    return (
      path(outline, `fill="${colour}"`) +
      path(outline, `fill="url(#gore)"`) +
      path(seam, 'fill="none" stroke="#000" stroke-opacity="0.35" stroke-width="1.6"')
    );
  }).join('');
}

/** An open umbrella on a wet square in the rain. */
export function umbrella(): string {
  const random = randomSource(17);
  const object = [
    path(
      `M${X - 4} ${TOP + 20} V500 C${X - 4} 548 ${X + 56} 548 ${X + 56} 500`,
      'fill="none" stroke="#3d2413" stroke-width="13" stroke-linecap="round"',
    ),
    path(`M${X - 4} ${TOP + 20} V430`, 'fill="none" stroke="#c9ced3" stroke-width="7"'),
    path(`M${X - 2} ${TOP + 20} V430`, 'fill="none" stroke="#6d747b" stroke-width="2.4"'),
    path(
      `M${X - 4} 470 V500 C${X - 4} 548 ${X + 56} 548 ${X + 56} 500`,
      'fill="none" stroke="#a5713f" stroke-width="3" stroke-linecap="round" opacity="0.7"',
    ),
    path(`M${X} ${TOP + 8} V${TOP - 24}`, 'stroke="#4b5056" stroke-width="6" stroke-linecap="round"'),
    `<g filter="url(#cloth)">${canopy()}</g>`,
    ribs()
      .map(({ x, y }) => ellipse(x, y, 3.4, 3.4, 'fill="#2b2f33"'))
      .join(''),
  ].join('');
  const stones = repeat(14, (row) => {
    const [top, bottom] = [430 + 170 * (row / 14) ** 1.5, 430 + 170 * ((row + 1) / 14) ** 1.5];
    return repeat(26, (column) => {
      const wide = 40 + row * 7;
      const x = 400 + (column - 13 + (row % 2) * 0.5) * wide;
      return `<rect x="${n(x)}" y="${n(top)}" width="${n(wide - 2)}" height="${n(bottom - top - 1.5)}" rx="3" fill="hsl(214, 9%, ${random(34, 47).toFixed(0)}%)"/>`;
    });
  });
  const rain = repeat(230, () => {
    const [x, y, long] = [random(-30, 830), random(-20, 600), random(16, 44)];
    return path(
      `M${n(x)} ${n(y)} l${n(-long * 0.16)} ${n(long)}`,
      `stroke="#fff" stroke-opacity="${random(0.12, 0.4).toFixed(2)}" stroke-width="${random(0.8, 1.7).toFixed(1)}"`,
    );
  });
  const splashes = repeat(60, () => {
    const y = random(444, 596);
    const size = (y - 400) / 22;
    return ellipse(
      random(0, 800),
      y,
      size * 1.8,
      size * 0.5,
      'fill="none" stroke="#e8eef4" stroke-opacity="0.5" stroke-width="1.1"',
    );
  });
  const windows = repeat(24, (index) => {
    const [column, row] = [index % 8, Math.floor(index / 8)];
    const lit = random(0, 1) < 0.35 ? '#f3e2bd' : '#aeb8c1';
    return `<rect x="${24 + column * 100}" y="${34 + row * 130}" width="52" height="82" fill="${lit}" stroke="#c3cad0" stroke-width="6"/>`;
  });
  const defs = [
    linear('wall', [
      [0, '#ccd4da'],
      [1, '#e2e6e8'],
    ]),
    radial(
      'gore',
      [
        [0, '#ffffff 0.22'],
        [0.6, '#ffffff 0'],
        [1, '#000000 0.34'],
      ],
      'cx="0.45" cy="0.2" r="0.95"',
    ),
    linear('wet', [
      [0, '#dfe7ee 0.55'],
      [0.3, '#dfe7ee 0.08'],
      [1, '#0b1420 0.35'],
    ]),
    blur('far', 7),
    blur('mirror', 5),
    blur('soft', 9),
    relief('cloth', { frequency: [0.012, 0.03], octaves: 3, seed: 4 }, 2.2, 1.42),
    relief('stone', { frequency: [0.3, 0.5], octaves: 3, seed: 12 }, 1.1),
    spots('damp', { frequency: [0.01, 0.02], octaves: 4, seed: 9 }, [0.62, 0.66, 0.7], 1.2, 0.45),
  ];
  const body = [
    `<g filter="url(#far)">${backdrop('fill="url(#wall)" filter="url(#damp)"')}${windows}</g>`,
    `<g filter="url(#stone)">${backdrop('fill="#3b4046"', 430)}${stones}</g>`,
    `<g opacity="0.32" filter="url(#mirror)"><g transform="translate(0 960) scale(1 -0.8)">${object}</g></g>`,
    backdrop('fill="url(#wet)"', 430),
    ellipse(X + 10, 545, 130, 13, 'fill="#0a0f14" opacity="0.5" filter="url(#soft)"'),
    splashes,
    object,
    rain,
  ];
  return picture(defs, body);
}
