/** The outcomes of a complete run as one piece, so that looking at it need not read its images; see `outcome-columns.ts`. */
export const RUN_COLUMNS = `
CREATE TABLE run_columns (
  run_id TEXT PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
  columns BLOB NOT NULL
) STRICT;
`;
