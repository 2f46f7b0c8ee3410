export {
  activationsOf,
  bitsOf,
  countPallets,
  peaksOf,
  quantise,
  roomOf,
  stepsOf,
  strideOf,
  sumsOf,
  topsOf,
  valuesOf,
  wideStepsOf,
} from './activation-counts';
export { cellMeans, lumaEntropy } from './cells';
export { colourGradient } from './colour-gradient';
export { corners, harrisResponse } from './interest-points';
export { lumaOf, planesOf, rgbOf, rowOf } from './planes';
export { clearRoom, resampleColumns, resampleRows, roomFor } from './resample';
