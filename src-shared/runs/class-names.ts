/** What is known of a model's classes; every list goes by class index and may be empty. */
export interface ModelClasses {
  readonly count: number;
  /** Readable names. Synonyms are separated by commas; a WordNet id may stand before the name: `n01440764 tench, Tinca tinca`. */
  readonly labels: readonly string[];
  /** WordNet ids (`n01440764`), where the labels do not carry them. */
  readonly synsets?: readonly string[];
  /** Names of the folders the classes had in the training data. */
  readonly folders?: readonly string[];
}

/** A WordNet id at the beginning of a name, and the rest of the name. */
const SYNSET = /^(n\d{8})(?![\p{L}\p{N}])[\s_-]*(.*)$/su;

/**
 * Finds classes by what people write for them: the WordNet id (also with a name behind it, `n01440764_tench`), the folder, the
 * full name, or one of its synonyms. Case, `_`, `-`, commas and runs of spaces do not matter. A more telling kind of name goes
 * before a less telling one: a class called "crane" hides a synonym "crane" of another.
 * @param indexes whether a whole number means the class of that index, too; not for folders, where it is as likely a date
 * @returns for a name the class indexes it may mean: none, one, or several where it is ambiguous
 */
export function classFinder(
  classes: ModelClasses,
  { indexes }: { readonly indexes: boolean },
): (name: string) => readonly number[] {
  const synsets = new Map<string, Set<number>>();
  const tiers = [
    new Map<string, Set<number>>(),
    new Map<string, Set<number>>(),
    new Map<string, Set<number>>(),
  ] as const;
  const [folders, names, synonyms] = tiers;
  classes.folders?.forEach((folder, index) => add(folders, plain(folder), index));
  classes.synsets?.forEach((synset, index) => add(synsets, synset, index));
  classes.labels.forEach((label, index) => {
    const [, synset, rest] = SYNSET.exec(label.trim()) ?? [];
    if (synset) add(synsets, synset, index);
    const name = rest || label;
    add(names, plain(name), index);
    for (const synonym of name.split(',')) add(synonyms, plain(synonym), index);
  });

  return (written) => {
    const [, synset, rest] = SYNSET.exec(written.trim()) ?? [];
    if (synset && synsets.size > 0) return [...(synsets.get(synset) ?? [])];
    const name = plain(rest || written);
    const found = new Set(tiers.find((tier) => tier.has(name))?.get(name));
    const number = Number(written);
    if (indexes && /^\s*\d+\s*$/.test(written) && number < classes.count) found.add(number);
    return [...found];
  };
}

/** Whether a name begins with a WordNet id. */
export function hasSynset(name: string): boolean {
  return SYNSET.test(name);
}

/** A WordNet id that stands by itself anywhere in a name (`ILSVRC2012_val_00000293_n01440764.JPEG`); the last, where there are several. */
export function synsetIn(name: string): string | null {
  return [...name.matchAll(/(?<![\p{L}\p{N}])n\d{8}(?![\p{L}\p{N}])/gu)].at(-1)?.[0] ?? null;
}

function plain(name: string): string {
  return name
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\s_,-]+/g, ' ')
    .trim();
}

function add(map: Map<string, Set<number>>, name: string, index: number): void {
  if (name === '') return;
  const indexes = map.get(name);
  if (indexes) indexes.add(index);
  else map.set(name, new Set([index]));
}
