// Draws the sample pictures anew, all or those named: node resources/samples/draw.ts [NAME...]
import { fileURLToPath } from 'node:url';
import { PICTURES, render } from './pictures.ts';

const wanted = process.argv.slice(2);
for (const [name, scene] of Object.entries(PICTURES)) {
  if (wanted.length > 0 && !wanted.some((start) => name.startsWith(start))) continue;
  const { size } = await render(scene()).toFile(fileURLToPath(new URL(name, import.meta.url)));
  console.log(`${name}  ${Math.round(size / 1024)} KiB`);
}
