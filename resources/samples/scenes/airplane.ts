import { backdrop, blur, linear, path, picture, polygon, randomSource, relief, repeat, spots } from '../svg.ts';

const HILLS = 'M-30 470 Q60 428 170 446 T380 440 Q470 410 560 438 T830 432 V500 H-30 Z';

/** An airliner taking off on a hazy day. */
export function airplane(): string {
  const random = randomSource(61);
  const windows = repeat(34, (index) => {
    const lit = random(0, 1) < 0.2 ? '#5b6b7c' : '#28323d';
    return `<rect x="${196 + index * 10.4}" y="289" width="5" height="7.5" rx="2.2" fill="${lit}"/>`;
  });
  const engine = (x: number, y: number) =>
    `<rect x="${x}" y="${y}" width="58" height="27" rx="12" fill="url(#metal)"/>` +
    `<rect x="${x}" y="${y}" width="11" height="27" rx="5" fill="#3b434c"/>` +
    path(`M${x + 56} ${y + 6} L${x + 74} ${y + 12} L${x + 56} ${y + 21} Z`, 'fill="#6a737b"');
  const fuselage =
    'M128 308 C132 292 152 278 190 272 H560 C606 272 640 276 668 286 L676 292 C650 306 610 322 556 328 H196 C152 328 130 322 128 308 Z';
  const defs = [
    linear('sky', [
      [0, '#6f93b4'],
      [0.55, '#b3c4cf'],
      [1, '#e9e3d6'],
    ]),
    linear('hull', [
      [0, '#ffffff'],
      [0.45, '#eef1f4'],
      [0.72, '#b4bdc7'],
      [1, '#707c89'],
    ]),
    linear('metal', [
      [0, '#f1f4f6'],
      [0.5, '#aeb7bf'],
      [1, '#59636c'],
    ]),
    linear('wing', [
      [0, '#aab4bd'],
      [1, '#dfe5e9'],
    ]),
    linear('tail', [
      [0, '#163f86'],
      [1, '#2b66bd'],
    ]),
    linear('veil', [
      [0, '#e9e3d6 0'],
      [0.6, '#e9e3d6 0.7'],
      [1, '#e9e3d6 0'],
    ]),
    linear('grass', [
      [0, '#a3a77f'],
      [1, '#66733f'],
    ]),
    relief('field', { frequency: [0.05, 0.25], octaves: 4, seed: 22 }, 0.9),
    `<clipPath id="body">${path(fuselage, '')}</clipPath>`,
    blur('soft', 2),
    relief('plates', { frequency: [0.02, 0.004], octaves: 2, seed: 3 }, 0.7),
    spots('clouds', { frequency: [0.0045, 0.012], octaves: 5, seed: 77 }, [1, 1, 1], 3.2, 0.54),
  ];
  const plane = [
    // The far wing and tailplane.
    polygon(
      [
        [352, 276],
        [404, 276],
        [470, 236],
        [452, 234],
      ],
      'fill="#8b97a2"',
    ),
    polygon(
      [
        [600, 282],
        [640, 284],
        [672, 262],
        [656, 261],
      ],
      'fill="#8b97a2"',
    ),
    polygon(
      [
        [562, 276],
        [628, 178],
        [664, 176],
        [660, 288],
      ],
      'fill="url(#tail)"',
    ),
    path('M586 240 L657 222 L658 240 L574 262 Z', 'fill="#e7b42c"'),
    path(fuselage, 'fill="url(#hull)" filter="url(#plates)"'),
    `<g clip-path="url(#body)">${path('M120 306 H700 V312 H120 Z', 'fill="#1d4f9e"')}${path('M120 313 H700 V316 H120 Z', 'fill="#e7b42c"')}</g>`,
    windows,
    path('M146 289 L164 280 H178 L174 290 Z', 'fill="#202a35"'),
    repeat(
      3,
      (door) => `<rect x="${182 + door * 192}" y="284" width="9" height="23" rx="3" fill="none" stroke="#8a96a2"/>`,
    ),
    // The near wing with its engine, and the near tailplane.
    engine(338, 326),
    polygon(
      [
        [336, 312],
        [420, 314],
        [520, 386],
        [496, 388],
      ],
      'fill="url(#wing)" stroke="#7c8791" stroke-width="1"',
    ),
    path('M360 322 L500 384', 'stroke="#8a959f" stroke-width="1.6"'),
    polygon(
      [
        [592, 296],
        [642, 292],
        [700, 314],
        [682, 318],
      ],
      'fill="url(#wing)" stroke="#7c8791" stroke-width="1"',
    ),
  ].join('');
  const body = [
    backdrop('fill="url(#sky)" filter="url(#clouds)"'),
    `<g filter="url(#soft)">${path(HILLS, 'fill="#7d8f86"')}</g>`,
    backdrop('fill="url(#grass)" filter="url(#field)"', 470),
    path('M-30 540 L830 526 V586 L-30 606 Z', 'fill="#8d8b86" filter="url(#field)"'),
    path('M-30 571 L830 555', 'stroke="#f1eee4" stroke-width="3.5" stroke-dasharray="60 46" opacity="0.85"'),
    backdrop('fill="url(#veil)"', 400, 520),
    `<g transform="translate(0 6) rotate(4 400 300) scale(1)">${plane}</g>`,
  ];
  return picture(defs, body);
}
