/** What people mark runs with. A deleted run stays for a while, so that it can be brought back: milliseconds since 1970, or NULL. */
export const RUN_MARKS = `
ALTER TABLE runs ADD COLUMN starred INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN deleted_at INTEGER;
`;
