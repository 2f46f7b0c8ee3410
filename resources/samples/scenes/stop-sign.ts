import {
  backdrop,
  blur,
  ellipse,
  linear,
  path,
  picture,
  pick,
  polygon,
  randomSource,
  relief,
  repeat,
  spots,
} from '../svg.ts';

const CENTRE = [452, 232] as const;
const RADIUS = 150;

function octagon(radius: number): (readonly [number, number])[] {
  return Array.from({ length: 8 }, (_, corner) => {
    const angle = ((corner + 0.5) * Math.PI) / 4;
    return [CENTRE[0] + radius * Math.cos(angle), CENTRE[1] + radius * Math.sin(angle)];
  });
}

const LETTERS = [
  'M45 22 C43 6 9 3 9 23 C9 43 47 36 47 60 C47 82 9 79 7 60',
  'M62 8 H112 M87 8 V82',
  'M124 32 C124 0 166 0 166 32 V54 C166 86 124 86 124 54 Z',
  'M186 82 V8 H206 C234 8 234 50 206 50 H186',
];

/** A sign at a road in summer: leaves behind it, plain sky above. */
export function stopSign(): string {
  const random = randomSource(11);
  const leaves = (count: number, top: number, bottom: number, size: number, colours: readonly [string, ...string[]]) =>
    repeat(count, () => {
      const x = random(-20, 820);
      const crown = 46 * Math.sin(x / 61) + 34 * Math.sin(x / 27 + 1) - 0.12 * x;
      const y = random(top + crown, bottom);
      const turn = `transform="rotate(${random(0, 180).toFixed(0)} ${x.toFixed(1)} ${y.toFixed(1)})"`;
      return ellipse(x, y, size * random(0.6, 1.5), size * random(0.4, 0.8), `fill="${pick(random, colours)}" ${turn}`);
    });
  const defs = [
    linear('sky', [
      [0, '#4d8fd1'],
      [1, '#d7e9f6'],
    ]),
    linear('red', [
      [0, '#d8252b'],
      [1, '#ac141b'],
    ]),
    linear(
      'post',
      [
        [0, '#6d747a'],
        [0.35, '#c9ced1'],
        [1, '#596066'],
      ],
      'x1="0" y1="0" x2="1" y2="0"',
    ),
    linear(
      'shine',
      [
        [0, '#ffffff 0.30'],
        [0.45, '#ffffff 0.02'],
        [1, '#000000 0.16'],
      ],
      'x1="0" y1="0" x2="1" y2="1"',
    ),
    linear('road', [
      [0, '#8a8b8c'],
      [1, '#55575a'],
    ]),
    spots('clouds', { frequency: [0.004, 0.012], octaves: 5, seed: 40 }, [1, 1, 1], 3, 0.52),
    linear('depth', [
      [0, '#0c1f08 0'],
      [1, '#0c1f08 0.72'],
    ]),
    blur('far', 2.2),
    blur('near', 1),
    blur('soft', 7),
    relief('asphalt', { frequency: [0.5, 0.9], octaves: 3, seed: 4 }, 1.6),
    relief('paint', { frequency: [0.03, 0.05], octaves: 4, seed: 8 }, 1.2),
  ];
  const holes = repeat(7, (index) => ellipse(CENTRE[0], 400 + index * 17, 3, 4, 'fill="#3c4348"'));
  const body = [
    backdrop('fill="url(#sky)" filter="url(#clouds)"'),
    `<g filter="url(#far)">${leaves(2600, 330, 520, 13, ['#3f5f43', '#4a6d47', '#5b7d4e', '#36543d'])}</g>`,
    `<g filter="url(#near)">${leaves(3600, 420, 530, 9, ['#2f5527', '#3d6b2b', '#528238', '#234419', '#6f9a45'])}</g>`,
    backdrop('fill="url(#depth)"', 400, 522),
    backdrop('fill="url(#road)" filter="url(#asphalt)"', 528),
    polygon(
      [
        [0, 512],
        [800, 512],
        [800, 528],
        [0, 534],
      ],
      'fill="#b9b6ad" filter="url(#asphalt)"',
    ),
    path('M0 566 L800 556 L800 563 L0 574 Z', 'fill="#e9e4cf" opacity="0.8"'),
    ellipse(500, 521, 110, 6, 'fill="#000" opacity="0.35" filter="url(#soft)"'),
    `<rect x="${CENTRE[0] - 10}" y="370" width="20" height="150" fill="url(#post)"/>`,
    holes,
    polygon(octagon(RADIUS + 4), 'fill="#8d9195"'),
    polygon(octagon(RADIUS), 'fill="#f4f1ec"'),
    polygon(octagon(RADIUS - 9), 'fill="url(#red)" filter="url(#paint)"'),
    `<g transform="translate(${CENTRE[0] - 106} ${CENTRE[1] - 40}) scale(0.93)" fill="none" stroke="#f7f5f0" stroke-width="17">`,
    LETTERS.map((letter) => path(letter, '')).join(''),
    '</g>',
    ellipse(CENTRE[0], CENTRE[1] - 112, 5, 5, 'fill="#9aa0a4"'),
    ellipse(CENTRE[0], CENTRE[1] + 112, 5, 5, 'fill="#9aa0a4"'),
    polygon(octagon(RADIUS), 'fill="url(#shine)"'),
  ];
  return picture(defs, body);
}
