/** `list` with `added` behind it; of two entries with the same key the newer stays, at the place of the older. */
export function merged<Entry>(
  list: readonly Entry[],
  added: readonly Entry[],
  keyOf: (entry: Entry) => string,
): readonly Entry[] {
  const byKey = new Map(list.map((entry) => [keyOf(entry), entry]));
  for (const entry of added) byKey.set(keyOf(entry), entry);
  return [...byKey.values()];
}
