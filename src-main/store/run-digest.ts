import { createHash } from 'node:crypto';
import type { RunDatabase } from './run-database.ts';

interface DigestImage {
  readonly path: string;
  readonly label: number | null;
  readonly image_id: number | null;
  readonly sha256: Buffer | null;
  readonly code: string | null;
}

interface DigestResult {
  readonly plan: Buffer | null;
  readonly classes: string;
  readonly probabilities: Buffer;
  readonly counts: Buffer | null;
}

/**
 * SHA-256 of all a run found out: for every image, by path, its label, its digest or its failure, and what each plan gave. It
 * does not depend on the order of work or of the plans, on how often the run was interrupted, nor on how it was cut into shards.
 */
export function resultsDigest(store: RunDatabase, runId: string): Buffer {
  const { db } = store;
  const images = db.prepare<[string], DigestImage>(
    `SELECT run_images.path, label, image_id, sha256, code FROM run_images
     LEFT JOIN images ON images.id = image_id
     LEFT JOIN run_failures AS f ON f.run_id = run_images.run_id AND f.path = run_images.path
     WHERE run_images.run_id = ? ORDER BY run_images.path`,
  );
  const results = db.prepare<{ run: string; image: number }, DigestResult>(
    `SELECT plans.sha256 AS plan, concat_ws(',', class1, class2, class3, class4, class5) AS classes, probabilities, counts
     FROM results JOIN series ON series.id = series_id
     LEFT JOIN plans ON plans.id = plan_id
     LEFT JOIN layer_counts ON result_id = results.id
     WHERE image_id = :image AND series_id IN (
       SELECT series_id FROM run_plans WHERE run_id = :run UNION SELECT baseline_id FROM runs WHERE id = :run)
     ORDER BY plans.sha256`,
  );
  const hash = createHash('sha256');
  // Digested an image at a time: a call for every part would take most of the time.
  const parts: Buffer[] = [];
  // A length before each part keeps "ab" + "c" apart from "a" + "bc".
  const add = (part: string | Buffer | number | null) => {
    if (Buffer.isBuffer(part)) parts.push(Buffer.from(`${part.length}:`, 'latin1'), part);
    else {
      const text = String(part ?? '');
      parts.push(Buffer.from(`${Buffer.byteLength(text)}:${text}`));
    }
  };
  for (const { path, label, image_id: image, sha256, code } of images.all(runId)) {
    for (const part of [path, label, sha256, code]) add(part);
    for (const { plan, classes, probabilities, counts } of image === null ? [] : results.all({ run: runId, image }))
      for (const part of [plan, classes, probabilities, counts]) add(part);
    hash.update(Buffer.concat(parts.splice(0)));
  }
  return hash.digest();
}
