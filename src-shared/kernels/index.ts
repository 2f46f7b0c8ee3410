export { cellMeans, lumaEntropy } from './cells';
export { colourGradient } from './colour-gradient';
export { corners, harrisResponse } from './interest-points';
export { lumaOf, planesOf, rowOf } from './planes';

/** Room for so many bytes. All room, that of results too, is given back by {@link release}. */
export function reserve(bytes: usize): usize {
  return heap.alloc(bytes);
}

export function release(): void {
  heap.reset();
}
