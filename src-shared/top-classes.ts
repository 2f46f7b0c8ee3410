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
