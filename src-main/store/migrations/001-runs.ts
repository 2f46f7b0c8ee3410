/**
 * Results are kept once, by what they depend on (model, plan, image); runs say which results are theirs. `series` stands for
 * "this model under this plan", with no plan for the plain network. Digests are SHA-256, as 32 bytes.
 */
export const RUNS = `
CREATE TABLE models (
  id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL,
  settings_sha256 BLOB NOT NULL,
  settings TEXT NOT NULL,
  layers TEXT NOT NULL,
  labels TEXT NOT NULL,
  UNIQUE (sha256, settings_sha256)
) STRICT;

CREATE TABLE plans (
  id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL UNIQUE,
  plan TEXT NOT NULL
) STRICT;

CREATE TABLE images (
  id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL UNIQUE
) STRICT;

CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  model_id INTEGER NOT NULL REFERENCES models,
  plan_id INTEGER REFERENCES plans,
  detail TEXT NOT NULL,
  results_version INTEGER NOT NULL
) STRICT;
-- NULL is distinct from NULL in a UNIQUE constraint; the plain network is one series all the same.
CREATE UNIQUE INDEX series_key ON series (model_id, ifnull(plan_id, 0), detail, results_version);
CREATE INDEX series_plan ON series (plan_id);

-- Narrow, so that counting right answers reads little; what is read seldom lies in layer_counts. The order of the index lets new
-- images append to it.
CREATE TABLE results (
  id INTEGER PRIMARY KEY,
  image_id INTEGER NOT NULL REFERENCES images,
  series_id INTEGER NOT NULL REFERENCES series,
  class1 INTEGER,
  class2 INTEGER,
  class3 INTEGER,
  class4 INTEGER,
  class5 INTEGER,
  probabilities BLOB NOT NULL,
  mac_weighted_bits REAL,
  UNIQUE (image_id, series_id)
) STRICT;
CREATE INDEX results_series ON results (series_id);

CREATE TABLE layer_counts (
  result_id INTEGER PRIMARY KEY REFERENCES results ON DELETE CASCADE,
  counts BLOB NOT NULL
) STRICT;

CREATE TABLE runs (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  note TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('running', 'complete', 'cancelled', 'failed')),
  created_at TEXT NOT NULL,
  owner TEXT NOT NULL,
  model_id INTEGER NOT NULL REFERENCES models,
  model_name TEXT NOT NULL,
  model_path TEXT NOT NULL,
  baseline_id INTEGER NOT NULL REFERENCES series,
  dataset_path TEXT NOT NULL,
  dataset_sha256 BLOB,
  labels TEXT NOT NULL,
  detail TEXT NOT NULL,
  seed INTEGER NOT NULL,
  shard_index INTEGER,
  shard_count INTEGER,
  version TEXT NOT NULL,
  seconds REAL NOT NULL,
  image_count INTEGER NOT NULL,
  finished_count INTEGER NOT NULL,
  failed_count INTEGER NOT NULL,
  plan_count INTEGER NOT NULL,
  results_sha256 BLOB
) STRICT;

CREATE TABLE run_plans (
  run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
  position INTEGER NOT NULL,
  series_id INTEGER NOT NULL REFERENCES series,
  PRIMARY KEY (run_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_plans_series ON run_plans (series_id);

-- An image without a digest is still to be done, or has failed.
CREATE TABLE run_images (
  run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
  path TEXT NOT NULL,
  label INTEGER,
  image_id INTEGER REFERENCES images,
  PRIMARY KEY (run_id, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_images_image ON run_images (image_id);

CREATE TABLE run_failures (
  run_id TEXT NOT NULL,
  path TEXT NOT NULL,
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  next TEXT NOT NULL,
  PRIMARY KEY (run_id, path),
  FOREIGN KEY (run_id, path) REFERENCES run_images ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- What a finished run says of itself, so that opening it need not read its images.
CREATE TABLE run_summaries (
  run_id TEXT PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
  summary TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;
