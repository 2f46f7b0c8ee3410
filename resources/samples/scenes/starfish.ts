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
} from '../svg.ts';
import type { Random } from '../svg.ts';

const X = 392;
const Y = 316;
const ARM = 262;
const MEETING = 86;
const ARMS = 5;

function armAngle(arm: number): number {
  return -Math.PI / 2 + 0.16 + (arm * 2 * Math.PI) / ARMS;
}

/** Half the width of an arm, in pixels, at a share of the way from where the arms meet to its tip. */
function halfWidth(share: number): number {
  return 13 + 48 * (1 - share) ** 0.9;
}

/** Where an arm is at a share of its length and a side from -1 to 1 (the edges). */
function onArm(arm: number, share: number, side: number): readonly [number, number] {
  const angle = armAngle(arm) + 0.12 * Math.sin(arm * 2.1) * share;
  const distance = MEETING + (ARM - MEETING) * share;
  const off = halfWidth(share) * side;
  return [
    X + distance * Math.cos(angle) - off * Math.sin(angle),
    Y + distance * Math.sin(angle) + off * Math.cos(angle),
  ];
}

const OUTLINE = repeat(ARMS, (arm) => {
  const edge = (share: number, side: number) => onArm(arm, share, side).map(n).join(' ');
  const shares = [0, 0.12, 0.3, 0.5, 0.7, 0.88, 1];
  const out = shares.map((share) => edge(share, -1)).join(' L');
  const back = shares.map((share) => edge(share, 1)).reverse();
  return `${arm === 0 ? 'M' : 'L'}${out} A13 13 0 0 1 ${back.join(' L')} `;
});

function knobs(random: Random): string {
  const row = (count: number, side: number, size: number) =>
    repeat(ARMS * count, (index) => {
      const arm = index % ARMS;
      const share = (Math.floor(index / ARMS) + 0.5) / count;
      const [middleX, middleY] = onArm(arm, share, side);
      const [x, y] = [middleX + random(-1.6, 1.6), middleY + random(-1.6, 1.6)];
      const radius = size * (1.15 - 0.5 * share);
      return (
        ellipse(x + 1.6, y + 2, radius, radius, 'fill="#6d1f06" opacity="0.6"') +
        ellipse(x, y, radius, radius, 'fill="#ffcf92"') +
        ellipse(x - 1, y - 1.2, radius * 0.45, radius * 0.45, 'fill="#fff3dc"')
      );
    });
  const middle = repeat(ARMS, (arm) => {
    const angle = armAngle(arm);
    return ellipse(X + 34 * Math.cos(angle), Y + 34 * Math.sin(angle), 6.5, 6.5, 'fill="#ffcf92"');
  });
  return middle + row(11, 0, 6.4) + row(12, -0.78, 4) + row(12, 0.78, 4) + row(9, -0.4, 3) + row(9, 0.4, 3);
}

/** A starfish left by the tide, with shells and foam. */
export function starfish(): string {
  const random = randomSource(52);
  const grit = repeat(900, () => {
    const shade = pick(random, ['#8d6d44', '#fff3d6', '#6c5335', '#c99d69', '#3f352a']);
    return ellipse(random(0, 800), random(0, 600), random(0.7, 2.2), random(0.6, 1.7), `fill="${shade}" opacity="0.7"`);
  });
  const scallop = (x: number, y: number, turn: number, scale: number, colour: string) =>
    `<g transform="translate(${x} ${y}) rotate(${turn}) scale(${scale})">` +
    path('M5 12 C-52 -18 -40 -66 6 -74 C52 -66 62 -18 5 12 Z', 'fill="#3b2510" opacity="0.5" filter="url(#soft)"') +
    path('M0 4 C-54 -22 -44 -70 0 -78 C44 -70 54 -22 0 4 Z', `fill="${colour}"`) +
    repeat(9, (rib) =>
      path(
        `M0 2 Q${(rib - 4) * 9} -34 ${(rib - 4) * 9.4} ${-70 + Math.abs(rib - 4) ** 2 * 2.6}`,
        'fill="none" stroke="#7d4a2c" stroke-opacity="0.55" stroke-width="2"',
      ),
    ) +
    path('M-12 2 H12 L8 12 H-8 Z', `fill="${colour}" stroke="#7d4a2c" stroke-opacity="0.5"`) +
    path('M0 4 C-54 -22 -44 -70 0 -78 C44 -70 54 -22 0 4 Z', 'fill="url(#shell)"') +
    '</g>';
  const shore = 'M690 -40 C650 60 760 130 728 220 C710 300 790 350 776 440 C764 520 830 560 828 640 H900 V-40 Z';
  const defs = [
    linear(
      'beach',
      [
        [0, '#f3e8d0'],
        [1, '#dfcaa4'],
      ],
      'x1="0" y1="0" x2="1" y2="0.6"',
    ),
    linear(
      'sea',
      [
        [0, '#86c9c4 0.55'],
        [1, '#2a8ea0 0.95'],
      ],
      'x1="0" y1="0" x2="1" y2="0"',
    ),
    radial(
      'skin',
      [
        [0, '#d9743a'],
        [0.55, '#bd5323'],
        [1, '#8f3410'],
      ],
      'cx="0.45" cy="0.42" r="0.6"',
    ),
    radial(
      'shell',
      [
        [0, '#ffffff 0.5'],
        [1, '#5a2c12 0.25'],
      ],
      'cx="0.35" cy="0.25" r="0.9"',
    ),
    blur('soft', 3),
    blur('shadow', 9),
    blur('glow', 12),
    rough('wave', { frequency: [0.02, 0.02], octaves: 3, seed: 18 }, 26),
    relief('sand', { frequency: [0.6, 0.6], octaves: 3, seed: 31 }, 0.9, 1.42),
    relief('ripple', { frequency: [0.012, 0.03], octaves: 3, seed: 28 }, 2.6, 1.42),
    relief('bumps', { frequency: [0.11, 0.11], octaves: 3, seed: 27 }, 2.4, 1.48),
  ];
  const body = [
    `<g filter="url(#ripple)">${backdrop('fill="url(#beach)" filter="url(#sand)"')}</g>`,
    grit,
    path(shore, 'fill="#8d6a3e" opacity="0.5" transform="translate(-34 0)" filter="url(#glow)"'),
    `<g filter="url(#wave)">${path(shore, 'fill="url(#sea)"')}`,
    path(shore, 'fill="none" stroke="#fff" stroke-width="15" stroke-opacity="0.85"'),
    path(
      shore,
      'fill="none" stroke="#fff" stroke-width="5" stroke-dasharray="26 14 9 20" transform="translate(36 8)" stroke-opacity="0.75"',
    ),
    path(
      shore,
      'fill="none" stroke="#e9fbf7" stroke-width="3" stroke-dasharray="40 30 12 18" transform="translate(78 -6)" stroke-opacity="0.6"',
    ),
    '</g>',
    scallop(150, 500, -28, 0.9, '#f1c7a6'),
    scallop(86, 104, 140, 0.62, '#f7e3cf'),
    path(OUTLINE, 'fill="#3b1c06" opacity="0.6" transform="translate(11 15)" filter="url(#shadow)"'),
    path(OUTLINE, 'fill="url(#skin)" filter="url(#bumps)"'),
    knobs(random),
  ];
  return picture(defs, body);
}
