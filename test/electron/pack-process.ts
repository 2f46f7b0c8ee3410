import { build, Platform } from 'electron-builder';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Packs with the stub of Electron that lies in the folder; an AppImage, for which a tool would be downloaded, as far as its desktop entry. */
const folder = process.argv[2]!;
await build({
  targets: Platform.LINUX.createTarget(['AppImage']),
  publish: 'never',
  config: { electronDist: join(folder, 'electron'), directories: { output: join(folder, 'dist') } },
  async effectiveOptionComputed({ desktop }: { readonly desktop: string }) {
    writeFileSync(join(folder, 'fovea.desktop'), desktop);
    return true;
  },
});
