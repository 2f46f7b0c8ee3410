/**
 * Room for decoded images. Many are read at once while inference keeps their pixels from being taken: of large photos, decoded in
 * full, they would fill the memory.
 */
export class DecodingRoom {
  readonly #bytes: number;
  readonly #waiting: (() => void)[] = [];
  #held = 0;

  /** @param bytes held at a time; one image alone may take more */
  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** Works once there is room for so many bytes, which are held until the work is done. */
  async with<Result>(bytes: number, work: () => Promise<Result>): Promise<Result> {
    while (this.#held > 0 && this.#held + bytes > this.#bytes)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#held += bytes;
    try {
      return await work();
    } finally {
      this.#held -= bytes;
      for (const resolve of this.#waiting.splice(0)) resolve();
    }
  }
}
