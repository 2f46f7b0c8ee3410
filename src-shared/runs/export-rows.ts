/**
 * What a row of an export is: an image under a plan; a plan; a layer under a plan, over all images; a layer of an image under a plan.
 */
export const EXPORT_ROWS = ['images', 'plans', 'layers', 'image-layers'] as const;
export type ExportRows = (typeof EXPORT_ROWS)[number];
/** Tables, and the layers of one plan as other estimators of energy read them. */
export const EXPORT_FORMATS = ['csv', 'json', 'zigzag', 'timeloop'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
export type TableFormat = Extract<ExportFormat, 'csv' | 'json'>;
