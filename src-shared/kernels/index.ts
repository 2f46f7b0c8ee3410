export { activationsOf, bitsOf, countPallets, quantise, roomOf, stepsOf, sumsOf, valuesOf } from './activation-counts';
export { cellMeans, lumaEntropy } from './cells';
export { colourGradient } from './colour-gradient';
export { corners, harrisResponse } from './interest-points';
export { lumaOf, planesOf, rgbOf, rowOf } from './planes';
export { clearRoom, resampleColumns, resampleRows, roomFor } from './resample';
