import { createHash } from 'node:crypto';

/** An image as the digest of its run has it. */
export interface DigestedImage {
  readonly path: string;
  readonly label: number | null;
  readonly sha256: Buffer | null;
  /** Of its failure. */
  readonly code: string | null;
  /** Digest of its importance map, hexadecimal; null where it had none, left out where no plan takes any. */
  readonly map?: string | null | undefined;
}

export interface DigestedResult {
  /** Digest of the plan; null for the plain network. */
  readonly plan: Buffer | null;
  readonly classes: string;
  readonly probabilities: Buffer;
  readonly counts: Buffer | null;
}

export const DIGEST_BYTES = 32;

/**
 * SHA-256 of all that a run found out about an image: its path, its label, its digest or its failure, and what each plan gave.
 * @param results in the order of the plans' digests, the plain network first
 */
export function imageDigest(
  { path, label, sha256, code, map }: DigestedImage,
  results: readonly DigestedResult[],
): Buffer {
  // Digested as one: a call for every part would take most of the time.
  const parts: Buffer[] = [];
  // A length before each part keeps "ab" + "c" apart from "a" + "bc".
  const add = (part: string | Buffer | number | null) => {
    if (Buffer.isBuffer(part)) parts.push(Buffer.from(`${part.length}:`, 'latin1'), part);
    else {
      const text = String(part ?? '');
      parts.push(Buffer.from(`${Buffer.byteLength(text)}:${text}`));
    }
  };
  for (const part of [path, label, sha256, code, ...(map === undefined ? [] : [map])]) add(part);
  for (const { plan, classes, probabilities, counts } of results)
    for (const part of [plan, classes, probabilities, counts]) add(part);
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}

/**
 * SHA-256 of all a run found out. It does not depend on the order of work or of the plans, on how often the run was interrupted, nor on
 * how it was cut into shards. A run that stops at first successes has of its plans whatever its store has, though: in one where another
 * run did them all, that is more.
 * @param digests those of its images one after another, in the order of the bytes of their paths
 */
export function resultsDigest(digests: Uint8Array): Buffer {
  return createHash('sha256').update(digests).digest();
}
