import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkPresence } from '../../../src-main/datasets/dataset-presence.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const refusal = (reason: RegExp) => ({
  code: 'dataset-unreadable',
  message: expect.stringMatching(reason),
  next: 'Mount it.',
});

describe('checkPresence', () => {
  it('is content with one image: others may be missing for themselves', async () => {
    const folder = temporaryFolder({ 'a folder/2.png': '' });
    await checkPresence(folder, ['1.png', 'a folder/2.png', '3.png'], 'Mount it.');
    await checkPresence(folder, [], 'Mount it.');
  });

  it('refuses a folder that is missing, a file, or one without any of the images', async () => {
    const folder = temporaryFolder({ 'other.png': '' });
    await expect(checkPresence(join(folder, 'nowhere'), ['1.png'], 'Mount it.')).rejects.toMatchObject(
      refusal(/nowhere: the folder cannot be read: there is no such folder/),
    );
    await expect(checkPresence(join(folder, 'other.png'), ['1.png'], 'Mount it.')).rejects.toMatchObject(
      refusal(/found a file/),
    );
    await expect(checkPresence(folder, ['1.png', '2.png'], 'Mount it.')).rejects.toMatchObject(
      refusal(/none of the 2 images of the run is in this folder/),
    );
  });
});
