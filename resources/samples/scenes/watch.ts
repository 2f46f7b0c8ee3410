import { backdrop, blur, ellipse, linear, n, path, picture, radial, relief, repeat } from '../svg.ts';

const X = 400;
const Y = 300;
const CASE = 190;
const DIAL = 152;

/** A mark on the dial: a bar from `outer` inwards, turned to its minute. */
function bar(minute: number, outer: number, length: number, width: number, attributes: string): string {
  return `<rect x="${n(X - width / 2)}" y="${n(Y - outer)}" width="${width}" height="${length}" transform="rotate(${minute * 6} ${X} ${Y})" ${attributes}/>`;
}

function hand(degrees: number, length: number, width: number): string {
  const shape = `M${X - width / 2} ${Y + 26} L${X - width / 2} ${Y} L${X - width} ${Y - length * 0.62} L${X} ${Y - length} L${X + width} ${Y - length * 0.62} L${X + width / 2} ${Y} L${X + width / 2} ${Y + 26} Z`;
  return (
    path(
      shape,
      `fill="#000" opacity="0.5" transform="translate(5 7) rotate(${degrees} ${X} ${Y})" filter="url(#soft)"`,
    ) + path(shape, `fill="url(#steel)" stroke="#3d4247" stroke-width="1" transform="rotate(${degrees} ${X} ${Y})"`)
  );
}

/** A steel wristwatch on walnut. */
export function watch(): string {
  const strap = (top: number, bottom: number, narrow: boolean) => {
    const [a, b] = narrow ? [84, 104] : [104, 84];
    const outline = `M${X - a} ${top} L${X + a} ${top} L${X + b} ${bottom} L${X - b} ${bottom} Z`;
    const stitches = `M${X - a + 13} ${top} L${X - b + 13} ${bottom} M${X + a - 13} ${top} L${X + b - 13} ${bottom}`;
    return (
      path(outline, 'fill="#000" opacity="0.6" transform="translate(10 12)" filter="url(#shadow)"') +
      path(outline, 'fill="url(#leather)" filter="url(#hide)"') +
      path(stitches, 'fill="none" stroke="#e8c58a" stroke-width="3" stroke-dasharray="11 7"')
    );
  };
  const defs = [
    linear(
      'steel',
      [
        [0, '#fbfcfd'],
        [0.35, '#aab1b7'],
        [0.55, '#eef1f3'],
        [1, '#6b737a'],
      ],
      'x1="0" y1="0" x2="1" y2="1"',
    ),
    linear(
      'bezel',
      [
        [0, '#5f666c'],
        [0.3, '#f3f5f6'],
        [0.6, '#8d959b'],
        [1, '#e6e9eb'],
      ],
      'x1="0" y1="0" x2="1" y2="1"',
    ),
    linear(
      'leather',
      [
        [0, '#3f1f10'],
        [0.5, '#7d4524'],
        [1, '#3a1c0e'],
      ],
      'x1="0" y1="0" x2="1" y2="0"',
    ),
    radial(
      'dial',
      [
        [0, '#3a3f46'],
        [0.7, '#1c1f24'],
        [1, '#0c0d10'],
      ],
      'cx="0.42" cy="0.36" r="0.75"',
    ),
    radial(
      'light',
      [
        [0, '#ffe9c4 0.3'],
        [0.5, '#ffe9c4 0'],
        [1, '#000000 0.6'],
      ],
      'cx="0.36" cy="0.3" r="0.85"',
    ),
    linear(
      'glass',
      [
        [0, '#ffffff 0.34'],
        [0.5, '#ffffff 0.03'],
        [1, '#ffffff 0'],
      ],
      'x1="0" y1="0" x2="0.8" y2="1"',
    ),
    blur('shadow', 12),
    blur('soft', 3),
    relief('grain', { frequency: [0.004, 0.16], octaves: 4, seed: 33 }, 1.5),
    relief('hide', { frequency: [0.18, 0.18], octaves: 3, seed: 11 }, 1.8),
  ];
  const body = [
    backdrop('fill="#7a4a28" filter="url(#grain)"'),
    strap(-10, 130, true),
    strap(470, 610, false),
    ellipse(X + 14, Y + 18, CASE + 4, CASE + 4, 'fill="#000" opacity="0.7" filter="url(#shadow)"'),
    [-1, 1]
      .map((side) =>
        [-1, 1]
          .map(
            (end) =>
              `<rect x="${X + side * 104 - 15}" y="${Y + end * 168 - 34}" width="30" height="68" rx="9" fill="url(#steel)"/>`,
          )
          .join(''),
      )
      .join(''),
    `<rect x="${X + CASE - 6}" y="${Y - 19}" width="30" height="38" rx="5" fill="url(#steel)" stroke="#565d63"/>`,
    repeat(6, (index) => path(`M${X + CASE + 2} ${Y - 15 + index * 6} h20`, 'stroke="#59606a" stroke-width="1.6"')),
    ellipse(X, Y, CASE, CASE, 'fill="url(#bezel)" stroke="#4d5459" stroke-width="2"'),
    ellipse(X, Y, CASE - 13, CASE - 13, 'fill="url(#steel)"'),
    ellipse(X, Y, DIAL + 9, DIAL + 9, 'fill="#1a2028"'),
    ellipse(X, Y, DIAL, DIAL, 'fill="url(#dial)"'),
    repeat(60, (minute) => bar(minute, DIAL - 6, 9, 2, 'fill="#f2efe6"')),
    repeat(12, (hour) => {
      const [length, width] = hour % 3 === 0 ? [34, 11] : [25, 7];
      return bar(hour * 5, DIAL - 6, length, width, 'fill="#f7f4ea"');
    }),
    // A small seconds dial.
    ellipse(X, Y + 66, 36, 36, 'fill="#0d0f12" stroke="#b9bdc2" stroke-width="1.4"'),
    repeat(
      12,
      (index) =>
        `<rect x="${X - 0.8}" y="${Y + 34}" width="1.6" height="7" fill="#f2efe6" transform="rotate(${index * 30} ${X} ${Y + 66})"/>`,
    ),
    path(`M${X} ${Y + 72} L${X + 21} ${Y + 48}`, 'stroke="#e0533d" stroke-width="2.6"'),
    hand(304.5, 88, 8),
    hand(54, 128, 6),
    ellipse(X, Y, 9, 9, 'fill="url(#steel)" stroke="#3d4247"'),
    ellipse(X, Y, DIAL + 6, DIAL + 6, 'fill="url(#glass)"'),
    path(
      `M${X - 130} ${Y - 62} A144 144 0 0 1 ${X + 36} ${Y - 138} Q${X - 70} ${Y - 90} ${X - 130} ${Y - 62} Z`,
      'fill="#fff" opacity="0.16"',
    ),
    backdrop('fill="url(#light)"'),
  ];
  return picture(defs, body);
}
