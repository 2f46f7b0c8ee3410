/**
 * What is to be told beside the figures, as JSON: what of a model's network is no layer, and what is odd about the colours of an image.
 * NULL where it was stored before, until a run comes by again.
 */
export const REMARKS = `
ALTER TABLE models ADD COLUMN left_out TEXT;
ALTER TABLE images ADD COLUMN remarks TEXT;
`;
