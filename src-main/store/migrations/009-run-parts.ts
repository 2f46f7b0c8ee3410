/**
 * What a complete shard tells of its results, so that the run it is joined into need not read them: see `run-part.ts`. Joined, the parts are
 * that run's until it is complete. The digest of a run is made otherwise from here on, too; those of before stay as they are.
 */
export const RUN_PARTS = `
CREATE TABLE run_parts (
  run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
  shard INTEGER NOT NULL,
  paths TEXT NOT NULL,
  numbers BLOB NOT NULL,
  columns BLOB NOT NULL,
  PRIMARY KEY (run_id, shard)
) STRICT;
`;
