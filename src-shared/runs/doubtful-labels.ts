import { percent } from '../figure-text.ts';

/** Of a network on images it was made for, more is right; labels counted from 1, or of another data set, give less. */
const SELDOM_RIGHT = 0.05;

/**
 * What to say where the plain network is hardly ever right: then plans that lose everything seem to lose nothing. Null where it is not so.
 * @param plainTop1 null where there are no labels
 */
export function doubtfulLabels(plainTop1: number | null): string | null {
  if (plainTop1 === null || plainTop1 >= SELDOM_RIGHT) return null;
  return (
    `Warning: the plain network is right on ${percent(plainTop1)}: are these the labels of its classes, counted as it counts them, and is its preprocessing ` +
    'what it was trained with? Where next to nothing is right no plan can lose anything, and what is said to be kept means nothing.'
  );
}
