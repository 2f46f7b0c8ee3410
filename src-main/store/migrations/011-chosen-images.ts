/** Whether a run is of images that were chosen one by one: its folder may hold others. Of runs of before it is not known, and not claimed. */
export const CHOSEN_IMAGES = 'ALTER TABLE runs ADD COLUMN chosen_images INTEGER NOT NULL DEFAULT 0';
