import { untrack } from 'svelte';
import { fit, pan, zoomAt, type Placement, type Point, type Size } from './viewport.ts';

const ZOOM_STEP = 1.25;

/** Which part of an image the view shows. The view binds its size; all lengths are CSS pixels. */
export class Camera {
  width = $state(0);
  height = $state(0);
  #placement = $state.raw<Placement>({ scale: 1, x: 0, y: 0 });
  /** The whole image is shown, also when the view changes its size, until the user moves it. */
  #fitted = $state(true);
  #image: Size | null = null;

  get fitted(): boolean {
    return this.#fitted;
  }

  get placement(): Placement {
    return this.#placement;
  }

  /** Shows the images that `image` gives, each whole at first, for as long as the component that calls it lives. */
  follow(image: () => Size | null): void {
    $effect(() => {
      this.#image = image();
      untrack(() => this.fit());
    });
    $effect(() => {
      const size = image();
      if (size && this.#fitted && this.width > 0) this.#placement = fit(this, size);
    });
  }

  fit(): void {
    this.#fitted = true;
  }

  zoomIn(): void {
    this.zoom(ZOOM_STEP);
  }

  zoomOut(): void {
    this.zoom(1 / ZOOM_STEP);
  }

  /** @param anchor the point of the view that stays where it is; without one its middle */
  zoom(factor: number, anchor: Point = { x: this.width / 2, y: this.height / 2 }): void {
    if (!this.#image) return;
    this.#fitted = false;
    this.#placement = zoomAt(this.#placement, anchor, factor, this, this.#image);
  }

  pan(dx: number, dy: number): void {
    if (!this.#image) return;
    this.#fitted = false;
    this.#placement = pan(this.#placement, dx, dy, this, this.#image);
  }
}
