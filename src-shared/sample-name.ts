/** Before the name of a picture that comes with Fovea, where a path could stand: `sample:airplane`. */
export const SAMPLE_PREFIX = 'sample:';
