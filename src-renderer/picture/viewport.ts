/** Where the image lies in the view: image pixel (u, v) is shown at (x + u * scale, y + v * scale), in CSS pixels. */
export interface Placement {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The closest view: this many CSS pixels to a pixel of the image. */
export const MAX_SCALE = 64;
/** From this scale on, an image that the user has zoomed shows its pixels as squares: there they are the subject. */
export const SQUARE_PIXELS_FROM = 3;
/** So much of the image stays in view, whichever way it is dragged. */
const KEEP_IN_VIEW = 48;

/** The whole image, centred, with `margin` around it. */
export function fit(view: Size, image: Size, margin = 12): Placement {
  const scale = Math.min((view.width - 2 * margin) / image.width, (view.height - 2 * margin) / image.height);
  const usable = Math.max(scale, 1e-3);
  return {
    scale: usable,
    x: (view.width - image.width * usable) / 2,
    y: (view.height - image.height * usable) / 2,
  };
}

/** Scales by `factor`; the image point under `anchor` stays under it. */
export function zoomAt(placement: Placement, anchor: Point, factor: number, view: Size, image: Size): Placement {
  const smallest = Math.min(fit(view, image).scale, 1);
  const scale = Math.min(MAX_SCALE, Math.max(smallest, placement.scale * factor));
  const ratio = scale / placement.scale;
  return clamp(
    {
      scale,
      x: anchor.x - (anchor.x - placement.x) * ratio,
      y: anchor.y - (anchor.y - placement.y) * ratio,
    },
    view,
    image,
  );
}

export function pan(placement: Placement, dx: number, dy: number, view: Size, image: Size): Placement {
  return clamp({ ...placement, x: placement.x + dx, y: placement.y + dy }, view, image);
}

/** The point of the image under a point of the view. */
export function imagePoint(placement: Placement, point: Point): Point {
  return { x: (point.x - placement.x) / placement.scale, y: (point.y - placement.y) / placement.scale };
}

function clamp(placement: Placement, view: Size, image: Size): Placement {
  const along = (offset: number, viewLength: number, imageLength: number) =>
    Math.min(viewLength - KEEP_IN_VIEW, Math.max(KEEP_IN_VIEW - imageLength * placement.scale, offset));
  return {
    scale: placement.scale,
    x: along(placement.x, view.width, image.width),
    y: along(placement.y, view.height, image.height),
  };
}
