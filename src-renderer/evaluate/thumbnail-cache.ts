import type { EncodedImage } from '../../src-shared/contract/images.ts';

/** As many as a few screens of tiles: a thumbnail has some 10 kB. */
const KEPT = 600;

/** Thumbnails that were fetched: scrolling back shows them at once. */
export class ThumbnailCache {
  readonly #kept = new Map<string, EncodedImage>();

  async get(key: string, fetch: () => Promise<EncodedImage>): Promise<EncodedImage> {
    const known = this.#kept.get(key);
    if (known) return known;
    const fetched = await fetch();
    this.#kept.set(key, fetched);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return fetched;
  }
}
