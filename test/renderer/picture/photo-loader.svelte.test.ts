import { flushSync } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import { expect, it, onTestFinished, vi } from 'vitest';
import { Client } from '../../../src-renderer/link/client.ts';
import { PhotoLoader } from '../../../src-renderer/picture/photo-loader.svelte.ts';
import { entry, FakeHost, MODEL } from '../fake-host.ts';

it('crops a photo as the card has it now, also where it was shown before under the card before', async () => {
  const canvas = new OffscreenCanvas(640, 480);
  canvas.getContext('2d');
  const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
  let left = 110;
  const client = new Client(
    new FakeHost({
      'images.preview': () => {
        const crop = { left, top: 30, right: 530, bottom: 450 };
        return { mime: 'image/png', bytes, width: 640, height: 480, crop };
      },
    }),
  );
  const revisions = new SvelteMap([['tiny', 0]]);
  const photos = new PhotoLoader({ client, models: { revisionOf: (modelId) => revisions.get(modelId) ?? 0 } });
  const image = entry('harbour.jpg');
  onTestFinished(
    $effect.root(() =>
      photos.follow(
        () => image,
        () => MODEL,
      ),
    ),
  );
  flushSync();
  await vi.waitFor(() => expect(photos.photo?.crop.left).toBe(110), { timeout: 120_000 });
  left = 80;
  revisions.set('tiny', 1);
  flushSync();
  await vi.waitFor(() => expect(photos.photo?.crop.left).toBe(80), { timeout: 120_000 });
});
