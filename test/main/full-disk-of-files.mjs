// Loaded into a command by NODE_OPTIONS: as long as there is the file that FOVEA_FULL_DISK names, whatever is written finds the disk full.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const sign = process.env.FOVEA_FULL_DISK;
// Not in engines, which may not write.
if (sign && !process.send) {
  const full = () =>
    fs.existsSync(sign)
      ? Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' })
      : null;
  const { open, copyFile } = fs.promises;
  fs.promises.open = async (...given) => {
    const file = await open(...given);
    const write = file.write.bind(file);
    return Object.assign(file, {
      write: async (...piece) => {
        const error = full();
        if (error) throw error;
        return write(...piece);
      },
    });
  };
  fs.promises.copyFile = async (...given) => {
    const error = full();
    if (error) throw error;
    return copyFile(...given);
  };
  // What streams write with.
  for (const name of ['write', 'writev']) {
    const write = fs[name];
    fs[name] = (...given) => {
      const error = full();
      if (error) process.nextTick(given.at(-1), error);
      else write(...given);
    };
  }
  syncBuiltinESMExports();
}
