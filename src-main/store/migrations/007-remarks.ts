/**
 * What is to be told beside the figures, as JSON: what of a model's network is no layer (NULL for models that were stored before, until a
 * run comes by again); and, beside the plain network's result, what is odd about the colours of the image as it was read for it.
 */
export const REMARKS = `
ALTER TABLE models ADD COLUMN left_out TEXT;
ALTER TABLE results ADD COLUMN remarks TEXT;
`;
