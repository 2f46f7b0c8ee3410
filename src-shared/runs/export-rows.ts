/** What a row of an export is: an image under a plan; a layer under a plan, over all images; a layer of an image under a plan. */
export const EXPORT_ROWS = ['images', 'layers', 'image-layers'] as const;
export type ExportRows = (typeof EXPORT_ROWS)[number];
export const EXPORT_FORMATS = ['csv', 'json'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
