/**
 * Plans that a search has in work or has given up: measured on some images, which say nothing of the others, and no plans of its run. What it
 * has of them stays, so that it need not measure that again.
 */
export const RUN_TRIALS = `
CREATE TABLE run_trials (
  run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
  series_id INTEGER NOT NULL REFERENCES series,
  PRIMARY KEY (run_id, series_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_trials_series ON run_trials (series_id);
`;
