/** Images taken from one `files.open`; the rest is counted as skipped. */
export const MAX_OPENED_IMAGES = 10_000;
