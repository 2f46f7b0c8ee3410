/** Where the maps of metric `given` lay: a folder, or one file for one image; null beside the photos, and where no plan takes any. */
export const RUN_MAPS = 'ALTER TABLE runs ADD COLUMN maps_path TEXT';
