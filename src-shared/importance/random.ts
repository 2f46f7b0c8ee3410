/**
 * Pseudo-random numbers in [0, 1): the small fast generator sfc32 (Doty-Humphrey, PractRand), 128 bits of state, the same
 * sequence for the same seed on every machine.
 * @param seed an integer 0..2^32 - 1
 */
export function randomGenerator(seed: number): () => number {
  let [a, b, c, counter] = [0, seed | 0, 0, 1];
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 2 ** 32;
  };
  // As its author recommends, so that close seeds give unrelated sequences.
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** The same items in an order drawn from a seed (Fisher and Yates). */
export function shuffled<Item>(items: readonly Item[], seed: number): Item[] {
  const random = randomGenerator(seed);
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const drawn = Math.floor(random() * (last + 1));
    [order[last], order[drawn]] = [order[drawn]!, order[last]!];
  }
  return order;
}
