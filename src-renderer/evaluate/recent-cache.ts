import { keepRecent } from '../../src-shared/keep-recent.ts';

/** As many as a few screens of tiles: a thumbnail has some 10 kB. */
const KEPT = 600;

/** What was fetched lately: scrolling back shows it at once. */
export class RecentCache<Value> {
  readonly #kept = new Map<string, Value>();

  async get(key: string, fetch: () => Promise<Value>): Promise<Value> {
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const fetched = await fetch();
    keepRecent(this.#kept, key, fetched, KEPT);
    return fetched;
  }
}
