import {
  backdrop,
  blur,
  ellipse,
  linear,
  path,
  picture,
  polygon,
  radial,
  randomSource,
  relief,
  spots,
} from '../svg.ts';
import type { Random } from '../svg.ts';

interface Pyramid {
  readonly apex: readonly [number, number];
  /** Left corner, the corner towards us, right corner. */
  readonly corners: readonly [readonly [number, number], readonly [number, number], readonly [number, number]];
  readonly courses: number;
}

function mix(a: readonly [number, number], b: readonly [number, number], share: number): readonly [number, number] {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
}

/** Courses of stone, each block a shade of its own, on the two faces that are seen. */
function stones(random: Random, { apex, corners, courses }: Pyramid): string {
  const face = (from: readonly [number, number], to: readonly [number, number], lightness: number, hue: number) => {
    const blocks: string[] = [];
    for (let course = 0; course < courses; course++) {
      const [upper, lower] = [course / courses, (course + 1) / courses];
      const count = Math.max(2, Math.round(course * 0.85));
      const shift = random(0, 0.5) / count;
      const layer = random(-4, 4);
      for (let block = 0; block <= count; block++) {
        const left = Math.min(1, Math.max(0, (block - 0.5) / count + shift));
        const right = Math.min(1, (block + 0.5) / count + shift);
        const corner = (height: number, along: number) => mix(apex, mix(from, to, along), height);
        const shade = lightness + layer + random(-5, 5);
        const fill = `fill="hsl(${hue}, 46%, ${shade.toFixed(1)}%)" stroke="hsl(${hue - 6}, 45%, ${(lightness - 17).toFixed(0)}%)"`;
        const points = [corner(upper, left), corner(upper, right), corner(lower, right), corner(lower, left)];
        blocks.push(polygon(points, `${fill} stroke-width="0.9"`));
      }
    }
    return blocks.join('');
  };
  return face(corners[0], corners[1], 66, 36) + face(corners[1], corners[2], 34, 26);
}

/** Stone against a clear evening sky, sand in front. */
export function pyramid(): string {
  const random = randomSource(5);
  const near: Pyramid = {
    apex: [386, 118],
    corners: [
      [66, 448],
      [474, 486],
      [708, 444],
    ],
    courses: 44,
  };
  const far: Pyramid = {
    apex: [716, 308],
    corners: [
      [588, 438],
      [742, 450],
      [846, 438],
    ],
    courses: 22,
  };
  const defs = [
    linear('sky', [
      [0, '#2f6fb7'],
      [0.55, '#8fb9d9'],
      [0.78, '#f3dcb4'],
    ]),
    linear('sand', [
      [0, '#e2bd83'],
      [1, '#b98748'],
    ]),
    linear('haze', [
      [0, '#f3dcb4 0'],
      [1, '#eecf9d 0.75'],
    ]),
    radial('sun', [
      [0, '#fff7da 0.95'],
      [1, '#ffe9b0 0'],
    ]),
    spots('clouds', { frequency: [0.002, 0.016], octaves: 5, seed: 14 }, [1, 0.95, 0.86], 2, 0.55),
    blur('soft', 9),
    blur('distance', 1.1),
    relief('stone', { frequency: [0.35, 0.5], octaves: 3, seed: 9 }, 1.1),
    relief('dunes', { frequency: [0.012, 0.09], octaves: 4, seed: 2 }, 2.6),
  ];
  const body = [
    backdrop('fill="url(#sky)" filter="url(#clouds)"'),
    ellipse(60, 300, 260, 200, 'fill="url(#sun)"'),
    `<g filter="url(#distance)"><g filter="url(#stone)">${stones(random, far)}</g>`,
    path('M560 380 H820 V460 H560 Z', 'fill="url(#haze)"'),
    '</g>',
    path('M0 428 Q200 418 420 434 T800 426 V600 H0 Z', 'fill="url(#sand)" filter="url(#dunes)"'),
    path('M474 490 L708 446 L800 452 L800 474 L560 508 Z', 'fill="#5b3a18" opacity="0.45" filter="url(#soft)"'),
    `<g filter="url(#stone)">${stones(random, near)}</g>`,
    path(
      'M40 446 Q240 448 470 482 Q560 470 730 440 Q800 470 800 600 H0 V452 Z',
      'fill="url(#sand)" filter="url(#dunes)"',
    ),
    path('M0 420 H800 V500 H0 Z', 'fill="url(#haze)" opacity="0.35"'),
  ];
  return picture(defs, body);
}
