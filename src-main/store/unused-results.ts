import type { Database } from 'better-sqlite3';

/**
 * Of results that something no longer needs, removes those that nothing else has: no run, no analysis. What is then left without
 * results goes, too. For use within a transaction.
 * @param change after it, they are no longer needed
 * @param chosen SQL that gives `image_id` and `series_id` of the results in question
 */
export function dropUnused(
  db: Database,
  chosen: string,
  values: Readonly<Record<string, unknown>>,
  change: () => void,
): void {
  db.prepare(`CREATE TEMP TABLE freed AS ${chosen}`).run(values);
  change();
  db.exec(`
    DELETE FROM freed WHERE EXISTS (
      SELECT 1 FROM run_images JOIN runs ON runs.id = run_id
      WHERE run_images.image_id = freed.image_id AND (
        baseline_id = freed.series_id OR
        EXISTS (SELECT 1 FROM run_plans WHERE run_plans.run_id = runs.id AND series_id = freed.series_id) OR
        EXISTS (SELECT 1 FROM run_trials WHERE run_trials.run_id = runs.id AND series_id = freed.series_id)));
    DELETE FROM results WHERE id IN (SELECT results.id FROM freed JOIN results USING (image_id, series_id))
      AND NOT EXISTS (SELECT 1 FROM analyses WHERE result_id = results.id)
      AND NOT EXISTS (SELECT 1 FROM analyses WHERE analyses.baseline_id = results.id);
    DELETE FROM images WHERE id IN (SELECT image_id FROM freed)
      AND NOT EXISTS (SELECT 1 FROM run_images WHERE image_id = images.id)
      AND NOT EXISTS (SELECT 1 FROM results WHERE image_id = images.id);
    DROP TABLE freed;
    DELETE FROM series WHERE NOT EXISTS (SELECT 1 FROM run_plans WHERE series_id = series.id)
      AND NOT EXISTS (SELECT 1 FROM run_trials WHERE series_id = series.id)
      AND NOT EXISTS (SELECT 1 FROM runs WHERE baseline_id = series.id)
      AND NOT EXISTS (SELECT 1 FROM results WHERE series_id = series.id);
    DELETE FROM plans WHERE NOT EXISTS (SELECT 1 FROM series WHERE plan_id = plans.id);
    DELETE FROM models WHERE NOT EXISTS (SELECT 1 FROM series WHERE model_id = models.id);
  `);
}
