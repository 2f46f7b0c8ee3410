import type { TopClasses } from './runs/run-record.ts';

/** The `count` most probable classes, most probable first; equal probabilities in class order. */
export function topClasses(probabilities: ArrayLike<number>, count = 5): TopClasses {
  const classes: number[] = [];
  for (let index = 0; index < probabilities.length; index++) {
    const probability = probabilities[index]!;
    if (classes.length === count && probability <= probabilities[classes.at(-1)!]!) continue;
    let rank = classes.length;
    while (rank > 0 && probabilities[classes[rank - 1]!]! < probability) rank--;
    classes.splice(rank, 0, index);
    if (classes.length > count) classes.pop();
  }
  return { classes, probabilities: classes.map((index) => probabilities[index]!) };
}

/**
 * How well an answer agrees with another, 0..1: the probability that both give to the same classes, of what the first gives to those that
 * were kept. 1 less the total variation distance, as far as the kept classes tell it: it moves with every answer, where the first class
 * only tells those that tip over.
 */
export function sharedProbability(own: TopClasses, other: TopClasses): number {
  let shared = 0;
  let all = 0;
  own.classes.forEach((name, at) => {
    const probability = own.probabilities[at]!;
    const there = other.classes.indexOf(name);
    all += probability;
    if (there >= 0) shared += Math.min(probability, other.probabilities[there]!);
  });
  return all === 0 ? 0 : shared / all;
}
