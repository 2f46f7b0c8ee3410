/**
 * How messages are packed for the WebSocket (msgpackr's options): both ends must agree. Records would make code from text, which the
 * page's Content-Security-Policy forbids; without more types every typed array but `Uint8Array` is cut to bytes without an error.
 */
export const PACKING = { useRecords: false, moreTypes: true } as const;
