/**
 * What Analyse needs beside the result it belongs to: the photo's size, the importance map (a float32 a cell, then a byte a cell,
 * its level), and all counts in double precision, those at uniform 8 bits included. Results that only an analysis has go with it.
 *
 * Models as they were when they were opened, by file, so that looking up needs none open.
 */
export const ANALYSES = `
CREATE TABLE analyses (
  result_id INTEGER PRIMARY KEY REFERENCES results ON DELETE CASCADE,
  baseline_id INTEGER NOT NULL REFERENCES results ON DELETE CASCADE,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  importance BLOB NOT NULL,
  counts BLOB NOT NULL,
  bytes INTEGER NOT NULL,
  used_at INTEGER NOT NULL
) STRICT;
CREATE INDEX analyses_baseline ON analyses (baseline_id);
-- Adding up their bytes reads this alone.
CREATE INDEX analyses_use ON analyses (used_at, bytes);

CREATE TABLE opened_models (
  path TEXT PRIMARY KEY,
  stamp TEXT NOT NULL,
  opened TEXT NOT NULL,
  used_at INTEGER NOT NULL
) STRICT;
`;
