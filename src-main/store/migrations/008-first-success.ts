/** Whether a run is over for an image once the cheapest plan is found that keeps its answer: it then lacks the results of dearer ones. */
export const FIRST_SUCCESS = 'ALTER TABLE runs ADD COLUMN first_success INTEGER NOT NULL DEFAULT 0';
