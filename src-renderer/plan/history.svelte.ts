const LIMIT = 200;

/**
 * A value with undo and redo. `preview` shows a value while a gesture lasts; `commit` makes one step of the whole gesture.
 */
export class History<T> {
  #past = $state.raw<readonly T[]>([]);
  #future = $state.raw<readonly T[]>([]);
  #shown: T;
  /** The value that the next step of undo returns to. */
  #settled: T;
  readonly #same: (a: T, b: T) => boolean;

  constructor(initial: T, same: (a: T, b: T) => boolean) {
    this.#shown = $state.raw(initial);
    this.#settled = initial;
    this.#same = same;
  }

  /** The value before the last step; null where there is none. */
  get previous(): T | null {
    return this.#same(this.#shown, this.#settled) ? (this.#past.at(-1) ?? null) : this.#settled;
  }

  get current(): T {
    return this.#shown;
  }

  get canUndo(): boolean {
    return this.#past.length > 0 || !this.#same(this.#shown, this.#settled);
  }

  /** The value without the gesture that lasts. */
  get settled(): T {
    return this.#settled;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  preview(value: T): void {
    this.#shown = value;
  }

  commit(value: T = this.#shown): void {
    this.#shown = value;
    if (this.#same(value, this.#settled)) return;
    this.#past = [...this.#past, this.#settled].slice(-LIMIT);
    this.#future = [];
    this.#settled = value;
  }

  /** Starts anew from `value`. */
  reset(value: T): void {
    this.#past = [];
    this.#future = [];
    this.#shown = this.#settled = value;
  }

  undo(): void {
    this.commit();
    const previous = this.#past.at(-1);
    if (previous === undefined) return;
    this.#past = this.#past.slice(0, -1);
    this.#future = [this.#settled, ...this.#future];
    this.#shown = this.#settled = previous;
  }

  redo(): void {
    const [next, ...rest] = this.#future;
    if (next === undefined) return;
    this.#past = [...this.#past, this.#settled];
    this.#future = rest;
    this.#shown = this.#settled = next;
  }
}
