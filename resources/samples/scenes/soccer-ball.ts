import {
  HEIGHT,
  WIDTH,
  backdrop,
  blur,
  ellipse,
  linear,
  n,
  path,
  picture,
  pick,
  polygon,
  radial,
  randomSource,
  relief,
  repeat,
} from '../svg.ts';

type Vector = readonly [number, number, number];

const CENTRE = [372, 352] as const;
const RADIUS = 148;
/** The brightest place of the ball and how far light reaches from it, in shares of its size. */
const LIT = 'cx="0.36" cy="0.27" r="0.83"';
const GOLDEN = (1 + Math.sqrt(5)) / 2;

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function unit(v: Vector): Vector {
  const length = Math.sqrt(dot(v, v));
  return [v[0] / length, v[1] / length, v[2] / length];
}

function mix(a: Vector, b: Vector, share: number): Vector {
  return unit([a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share]);
}

function turn([x, y, z]: Vector): Vector {
  const [a, b] = [0.42, -0.5];
  const [x1, z1] = [x * Math.cos(a) + z * Math.sin(a), z * Math.cos(a) - x * Math.sin(a)];
  return [x1, y * Math.cos(b) - z1 * Math.sin(b), y * Math.sin(b) + z1 * Math.cos(b)];
}

/** Vertices of an icosahedron, turned; each is the middle of a black pentagon. */
function icosahedron(): Vector[] {
  return [-1, 1].flatMap((i) =>
    [-GOLDEN, GOLDEN].flatMap((j) =>
      (
        [
          [0, i, j],
          [i, j, 0],
          [j, 0, i],
        ] as const
      ).map((v) => turn(unit(v))),
    ),
  );
}

/** A great-circle arc as points on the picture; null where it is on the far side. */
function arc(from: Vector, to: Vector): (readonly [number, number])[] | null {
  const points = Array.from({ length: 7 }, (_, index) => mix(from, to, index / 6));
  if (points.some(([, , z]) => z < 0)) return null;
  return points.map(([x, y]) => [CENTRE[0] + RADIUS * x, CENTRE[1] + RADIUS * y]);
}

/** A truncated icosahedron blown up to a sphere: its corners lie a third along each edge of the icosahedron. */
function panels(): string {
  const vertices = icosahedron();
  const edge = Math.max(...vertices.slice(1).map((other) => dot(vertices[0] ?? other, other)));
  const neighbours = (vertex: Vector) =>
    vertices.filter((other) => other !== vertex && dot(vertex, other) > edge - 1e-6);
  const shapes: string[] = [];
  for (const vertex of vertices) {
    const first = neighbours(vertex)[0];
    if (first === undefined) continue;
    const side = unit([
      vertex[1] * first[2] - vertex[2] * first[1],
      vertex[2] * first[0] - vertex[0] * first[2],
      vertex[0] * first[1] - vertex[1] * first[0],
    ]);
    const angle = (other: Vector) =>
      Math.atan2(dot(other, side), dot(other, first) - dot(vertex, first) * dot(vertex, other));
    const around = neighbours(vertex).sort((a, b) => angle(a) - angle(b));
    const corners = around.map((other) => mix(vertex, other, 1 / 3));
    const outline = corners.flatMap((corner, index) => {
      const next = corners[(index + 1) % corners.length] ?? corner;
      return Array.from({ length: 6 }, (_, step) => mix(corner, next, step / 6));
    });
    if (outline.some(([, , z]) => z > 0)) {
      const points = outline.map(([x, y, z]): readonly [number, number] => {
        const reach = z < 0 ? 1 / Math.hypot(x, y) : 1;
        return [CENTRE[0] + RADIUS * x * reach, CENTRE[1] + RADIUS * y * reach];
      });
      shapes.push(polygon(points, 'fill="#1b1d22" stroke="#0c0d10" stroke-width="2" stroke-linejoin="round"'));
    }
    for (const other of around) {
      const seam = arc(mix(vertex, other, 1 / 3), mix(vertex, other, 2 / 3));
      if (seam !== null) {
        const line = seam.map(([x, y]) => `${n(x)},${n(y)}`).join(' ');
        shapes.push(`<polyline points="${line}" fill="none" stroke="#6c6f74" stroke-width="2.4"/>`);
      }
    }
  }
  return shapes.join('');
}

/** A ball in the grass before an empty goal, low evening light. */
export function soccerBall(): string {
  const random = randomSource(41);
  const blades = (count: number, from: number, to: number) => {
    const roots = Array.from({ length: count }, () => random(0, 1) ** 0.8 * (to - from) + from).sort((a, b) => a - b);
    return roots
      .map((y) => {
        const depth = (y - 290) / 310;
        const [x, tall, lean] = [random(-10, WIDTH + 10), 6 + depth * random(16, 46), random(-0.35, 0.45)];
        const wide = 0.8 + depth * 2.6;
        const tip = `${n(x + lean * tall)} ${n(y - tall)}`;
        const bend = `${n(x + wide / 2 + lean * tall * 0.3)} ${n(y - tall * 0.6)}`;
        const light = pick(random, [24, 28, 32, 36, 42, 48]) - depth * 4;
        const colour = `hsl(${random(84, 112).toFixed(0)}, 52%, ${light.toFixed(0)}%)`;
        return path(`M${n(x)} ${n(y)} Q${bend} ${tip} Q${bend} ${n(x + wide)} ${n(y)} Z`, `fill="${colour}"`);
      })
      .join('');
  };
  const mesh = repeat(22, (index) => {
    const x = 470 + index * 15;
    return path(`M${x} 132 L${n(x - 8)} 284`, '') + (index < 11 ? path(`M466 ${140 + index * 14} H790`, '') : '');
  });
  const defs = [
    linear('sky', [
      [0, '#6ea4d4'],
      [1, '#f7e3c0'],
    ]),
    linear('field', [
      [0, '#6f9c3e'],
      [1, '#2f5a1c'],
    ]),
    radial(
      'leather',
      [
        [0, '#ffffff'],
        [0.55, '#e6e4df'],
        [1, '#8f8f92'],
      ],
      LIT,
    ),
    radial(
      'shade',
      [
        [0, '#ffffff 0.42'],
        [0.3, '#ffffff 0.05'],
        [0.62, '#06102a 0.1'],
        [1, '#06102a 0.66'],
      ],
      LIT,
    ),
    blur('far', 3.5),
    blur('middle', 1.2),
    blur('soft', 12),
    relief('skin', { frequency: [0.7, 0.7], octaves: 2, seed: 7 }, 0.6),
    `<clipPath id="round"><circle cx="${CENTRE[0]}" cy="${CENTRE[1]}" r="${RADIUS}"/></clipPath>`,
  ];
  const trees = repeat(90, () =>
    ellipse(
      random(-20, 820),
      random(206, 268),
      random(18, 46),
      random(16, 34),
      `fill="hsl(${random(95, 140).toFixed(0)}, 26%, ${random(26, 40).toFixed(0)}%)"`,
    ),
  );
  const body = [
    backdrop('fill="url(#sky)"'),
    `<g filter="url(#far)">${trees}${backdrop('fill="#3f5f3c"', 256, 300)}</g>`,
    backdrop('fill="url(#field)"', 270, HEIGHT),
    `<g filter="url(#middle)"><g stroke="#fff" stroke-width="1" opacity="0.55" fill="none">${mesh}</g>`,
    path('M462 284 V130 H796 V284', 'fill="none" stroke="#f7f7f4" stroke-width="7"'),
    path('M0 292 H800', 'stroke="#eef0e6" stroke-width="3" opacity="0.8"'),
    `${blades(1500, 276, 330)}</g>`,
    blades(2600, 320, 486),
    ellipse(CENTRE[0] + 64, CENTRE[1] + 130, 160, 30, 'fill="#0b1d05" opacity="0.7" filter="url(#soft)"'),
    ellipse(CENTRE[0], CENTRE[1], RADIUS, RADIUS, 'fill="url(#leather)" filter="url(#skin)"'),
    `<g clip-path="url(#round)">${panels()}</g>`,
    ellipse(CENTRE[0], CENTRE[1], RADIUS, RADIUS, 'fill="url(#shade)"'),
    blades(1400, 494, 650),
  ];
  return picture(defs, body);
}
