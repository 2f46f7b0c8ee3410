import { backdrop, blur, ellipse, path, picture, pick, radial, randomSource, relief, repeat, spots } from '../svg.ts';

const X = 380;
const Y = 300;
const R = 176;

/** Black and white stone in a raked sand garden. */
export function yinYang(): string {
  const random = randomSource(23);
  const rings = repeat(34, (index) => {
    const radius = R + 26 + index * 17;
    const wobble = random(-1, 1);
    return (
      ellipse(X, Y + wobble, radius, radius, 'fill="none" stroke="#a48f6d" stroke-width="4.5" opacity="0.75"') +
      ellipse(
        X - 2,
        Y + wobble - 3,
        radius + 5,
        radius + 5,
        'fill="none" stroke="#fbf1db" stroke-width="5" opacity="0.8"',
      )
    );
  });
  const pebbles = repeat(46, () => {
    const along = random(0, 1);
    const x = 800 - 190 * along + random(-30, 60);
    const y = 600 - 170 * (1 - along) + random(-14, 60);
    const size = random(13, 30);
    const shade = pick(random, ['#5d6062', '#77797a', '#8b8780', '#4a4e52', '#9a968d']);
    return (
      ellipse(x + 6, y + 7, size, size * 0.75, 'fill="#000" opacity="0.35" filter="url(#soft)"') +
      ellipse(x, y, size, size * 0.72, `fill="${shade}"`) +
      ellipse(
        x - size * 0.25,
        y - size * 0.25,
        size * 0.5,
        size * 0.28,
        'fill="#fff" opacity="0.18" filter="url(#soft)"',
      )
    );
  });
  const r = R / 2;
  const dark = `M${X} ${Y - R} A${R} ${R} 0 0 0 ${X} ${Y + R} A${r} ${r} 0 0 0 ${X} ${Y} A${r} ${r} 0 0 1 ${X} ${Y - R} Z`;
  const defs = [
    radial(
      'gloss',
      [
        [0, '#ffffff 0.34'],
        [0.55, '#ffffff 0'],
        [1, '#000000 0.22'],
      ],
      'cx="0.32" cy="0.26" r="0.8"',
    ),
    radial(
      'light',
      [
        [0, '#fff4d8 0.25'],
        [0.6, '#fff4d8 0'],
        [1, '#2b1c08 0.35'],
      ],
      'cx="0.4" cy="0.4" r="0.75"',
    ),
    blur('shadow', 11),
    blur('soft', 2.5),
    relief('sand', { frequency: [0.75, 0.75], octaves: 3, seed: 3 }, 0.9),
    spots('granite', { frequency: [0.22, 0.22], octaves: 4, seed: 6 }, [0.5, 0.52, 0.57], 4, 0.6),
    spots('marble', { frequency: [0.008, 0.02], octaves: 5, seed: 5 }, [0.55, 0.56, 0.6], 2.4, 0.5),
  ];
  const body = [
    `<g filter="url(#sand)">${backdrop('fill="#d9c7a3"')}${rings}</g>`,
    ellipse(X + 12, Y + 16, R + 8, R + 8, 'fill="#3b2a12" opacity="0.6" filter="url(#shadow)"'),
    ellipse(X, Y, R + 7, R + 7, 'fill="#23211f"'),
    ellipse(X, Y, R, R, 'fill="#f3f1ec" filter="url(#marble)"'),
    path(dark, 'fill="#17171a" filter="url(#granite)"'),
    ellipse(X, Y - r, 25, 25, 'fill="#17171a"'),
    ellipse(X, Y + r, 25, 25, 'fill="#f3f1ec"'),
    ellipse(X, Y, R + 7, R + 7, 'fill="url(#gloss)"'),
    pebbles,
    backdrop('fill="url(#light)"'),
  ];
  return picture(defs, body);
}
