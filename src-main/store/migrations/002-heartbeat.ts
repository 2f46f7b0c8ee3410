/**
 * A run's owner is seen as long as it works, in milliseconds since 1970; see `run-owner.ts`. Owners of the version before were
 * known by host and pid alone, and may be at work right now.
 */
export const HEARTBEAT = `
ALTER TABLE runs ADD COLUMN owner_space TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN owner_token TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;
UPDATE runs SET owner_space = rtrim(rtrim(owner, '0123456789'), ':'), seen_at = 1000 * unixepoch() WHERE status = 'running';
`;
