import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileDigests } from '../../../src-main/files/digest.ts';
import { sha256 } from '../store/stored-runs.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** Bytes that this process has read so far, whatever of. */
const bytesRead = () => Number(/^rchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))![1]);

const MIB = 2 ** 20;

test.runIf(process.platform === 'linux')(
  'a file is read once for all who ask, and again once it is another',
  async () => {
    const path = join(temporaryFolder(), 'photo.jpg');
    writeFileSync(path, Buffer.alloc(16 * MIB));
    const digests = new FileDigests();
    const before = bytesRead();
    const [one, ...others] = await Promise.all([digests.of(path), digests.of(path), digests.of(path)]);
    expect([await digests.of(path), ...others]).toEqual([one, one, one]);
    expect(bytesRead() - before).toBeLessThan(17 * MIB);
    writeFileSync(`${path}.new`, 'x'.repeat(16 * MIB));
    renameSync(`${path}.new`, path);
    expect(await digests.of(path)).toBe(sha256('x'.repeat(16 * MIB)));
    await expect(digests.of(`${path}.gone`)).rejects.toMatchObject({ code: 'ENOENT' });
  },
);
