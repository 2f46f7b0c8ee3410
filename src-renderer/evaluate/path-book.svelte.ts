import { SvelteMap } from 'svelte/reactivity';
import type { Client } from '../link/client.ts';

/** Paths of the images of a run, asked for as they are shown: a large run has megabytes of them. */
export class PathBook {
  readonly #known = new SvelteMap<number, string>();
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing that is drawn follows it
  readonly #asked = new Set<number>();
  readonly #client: Client;
  readonly #runId: string;

  constructor(client: Client, runId: string) {
    this.#client = client;
    this.#runId = runId;
  }

  /** Empty until it is known. */
  of(image: number): string {
    return this.#known.get(image) ?? '';
  }

  /** Sees to it that these are known, soon. */
  want(images: Iterable<number>): void {
    const wanted = [...images].filter((image) => !this.#asked.has(image));
    if (wanted.length === 0) return;
    for (const image of wanted) this.#asked.add(image);
    this.#client.call('runs.paths', { runId: this.#runId, images: wanted }).then(
      (paths) => paths.forEach((path, index) => this.#known.set(wanted[index]!, path)),
      // They are asked for again when they are shown again; why there is no answer is told where the run is.
      () => wanted.forEach((image) => this.#asked.delete(image)),
    );
  }
}
