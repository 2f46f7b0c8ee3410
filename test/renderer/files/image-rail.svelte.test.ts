import { expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { ImageList } from '../../../src-renderer/files/image-list.svelte.ts';
import ImageRail from '../../../src-renderer/files/ImageRail.svelte';
import '../../../src-renderer/theme.css';
import { entry } from '../fake-host.ts';

test('of ten thousand images the rail draws those in sight, and goes along with the one that is shown', async () => {
  const images = new ImageList();
  const files = Array.from({ length: 10_000 }, (_, index) => entry(`photo-${index}.jpg`));
  images.add({ images: files, failed: [] });
  document.body.style.height = '600px';
  const load = () => new Promise<never>(() => undefined);
  const nothing = () => undefined;
  const { container } = await render(ImageRail, {
    images,
    verdictOf: () => null,
    load,
    labels: '',
    onOpen: nothing,
    onEvaluate: nothing,
  });
  const rail = container.querySelector('nav')!;
  rail.style.height = '600px';
  rail.style.width = '150px';
  const drawn = () => rail.querySelectorAll('.name').length;
  await expect.element(page.getByText('photo-0.jpg')).toBeVisible();
  await expect.poll(drawn).toBeLessThan(20);
  images.select(files[9_000]!.id);
  await expect.element(page.getByText('photo-9000.jpg')).toBeInViewport();
  expect(drawn()).toBeLessThan(20);
  await expect.element(page.getByText('photo-0.jpg')).not.toBeInTheDocument();
  rail.scrollTop = 0;
  await expect.element(page.getByText('photo-0.jpg')).toBeInViewport();
});
