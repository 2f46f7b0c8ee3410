import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

// `node photos.ts FOLDER N`: N photos, cut out of the samples: what a test on a cluster has everywhere.

const [folder = '', wanted = '60'] = process.argv.slice(2);
const samples = join(import.meta.dirname, '..', '..', 'resources', 'samples');
const files = readdirSync(samples).filter((file) => file.endsWith('.jpg'));
mkdirSync(folder, { recursive: true });
for (let photo = 0; photo < Number(wanted); photo++) {
  const image = sharp(join(samples, files[photo % files.length]!));
  const { width, height } = await image.metadata();
  const cut = Math.floor(photo / files.length) + 1;
  await image
    .extract({ left: cut, top: cut, width: width - 2 * cut, height: height - 3 * cut })
    .toFile(join(folder, `photo ${photo + 1}.png`));
}
