import { SvelteMap } from 'svelte/reactivity';
import type { OwnMap } from '../../src-shared/contract/images.ts';
import type { Grid } from '../../src-shared/image.ts';
import type { Cell } from '../picture/cell-map.ts';

/** What is painted on: an image as one model sees it, in regions. */
export interface Canvas {
  readonly imageId: string;
  readonly grid: Grid;
  /** The map that the image has had so far; 0 throughout where it has none. */
  readonly values: readonly number[] | null;
}

/** Paints importance over an image, cell by cell. A stroke that begins on a cell of the upper half of the scale erases. */
export class Brush {
  /** The pointer paints instead of moving the picture. */
  on = $state(false);
  /** By image, the map that it was given last: painted and taken over, or of a file. */
  readonly maps = new SvelteMap<string, OwnMap>();
  #drawn = $state.raw<{
    readonly imageId: string;
    readonly key: string;
    readonly values: readonly number[];
  } | null>(null);
  #paints = 1;
  readonly #send: (canvas: Canvas, values: readonly number[]) => Promise<void>;

  /** @param send has the machine take over what a stroke has made */
  constructor(send: (canvas: Canvas, values: readonly number[]) => Promise<void>) {
    this.#send = send;
  }

  /** Maps that images have of elsewhere: what was drawn on them stands no more. */
  take(maps: Iterable<readonly [imageId: string, map: OwnMap]>): void {
    for (const [imageId, map] of maps) {
      this.maps.set(imageId, map);
      if (this.#drawn?.imageId === imageId) this.#drawn = null;
    }
  }

  /** What stands on a canvas now. */
  valuesOn(canvas: Canvas): readonly number[] {
    if (this.#drawn?.key === keyOf(canvas)) return this.#drawn.values;
    return canvas.values ?? Array<number>(canvas.grid.rows * canvas.grid.columns).fill(0);
  }

  /** @param begins the cell is the first of a stroke, which decides what the stroke does */
  paint(canvas: Canvas, { row, column }: Cell, begins: boolean): void {
    const values = this.valuesOn(canvas);
    const at = row * canvas.grid.columns + column;
    if (begins) this.#paints = (values[at] ?? 0) > 0.5 ? 0 : 1;
    if (values[at] !== this.#paints)
      this.#drawn = { imageId: canvas.imageId, key: keyOf(canvas), values: values.with(at, this.#paints) };
  }

  /** A stroke is over. */
  async end(canvas: Canvas): Promise<void> {
    if (this.#drawn?.key === keyOf(canvas)) await this.#send(canvas, this.#drawn.values);
  }
}

function keyOf({ imageId, grid }: Canvas): string {
  return JSON.stringify([imageId, grid.rows, grid.columns]);
}
