// Draws the icon anew: node resources/icons/draw.ts
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { viridis } from '../../src-shared/colormap.ts';

/** Cells along each side: a grid of importances that falls off from the fovea. */
const CELLS = 7;
const SIZE = 1024;
const MARGIN = 64;
const PADDING = 88;
const PITCH = (SIZE - 2 * (MARGIN + PADDING)) / CELLS;

const cells = [];
for (let row = 0; row < CELLS; row++)
  for (let column = 0; column < CELLS; column++) {
    const middle = (CELLS - 1) / 2;
    const importance = Math.max(0, 1 - Math.hypot(row - middle, column - middle) / (middle + 1));
    // More important cells are drawn larger, as they get more bits.
    const side = PITCH * (0.34 + 0.56 * importance);
    const offset = MARGIN + PADDING + (PITCH - side) / 2;
    const [x, y] = [column, row].map((index) => (offset + index * PITCH).toFixed(1));
    const colour = `rgb(${viridis(0.18 + 0.82 * importance).join(',')})`;
    cells.push(
      `<rect x="${x}" y="${y}" width="${side.toFixed(1)}" height="${side.toFixed(1)}" rx="${(side / 5).toFixed(1)}" fill="${colour}"/>`,
    );
  }

const side = SIZE - 2 * MARGIN;
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE} ${SIZE}">
<rect x="${MARGIN}" y="${MARGIN}" width="${side}" height="${side}" rx="200" fill="#15181c"/>
${cells.join('\n')}
</svg>
`;
const place = (name: string) => fileURLToPath(new URL(name, import.meta.url));
await writeFile(place('icon.svg'), svg);
await sharp(Buffer.from(svg)).resize(SIZE, SIZE).png({ compressionLevel: 9, palette: true }).toFile(place('icon.png'));
