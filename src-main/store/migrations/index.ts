import { RUNS } from './001-runs.ts';
import { HEARTBEAT } from './002-heartbeat.ts';
import { ANALYSES } from './003-analyses.ts';
import { REPORTS } from './004-reports.ts';
import { RUN_MARKS } from './005-run-marks.ts';
import { RUN_COLUMNS } from './006-run-columns.ts';
import { REMARKS } from './007-remarks.ts';
import { FIRST_SUCCESS } from './008-first-success.ts';
import { RUN_PARTS } from './009-run-parts.ts';
import { RUN_MAPS } from './010-run-maps.ts';
import { CHOSEN_IMAGES } from './011-chosen-images.ts';
import { RUN_TRIALS } from './012-run-trials.ts';

/**
 * Migration n brings a store from version n - 1 to n. Released ones never change; a new version appends. What is stored as JSON
 * (plans, settings, reports) is strict, too: a new field of theirs needs a migration that fills it in.
 */
export const MIGRATIONS: readonly string[] = [
  RUNS,
  HEARTBEAT,
  ANALYSES,
  REPORTS,
  RUN_MARKS,
  RUN_COLUMNS,
  REMARKS,
  FIRST_SUCCESS,
  RUN_PARTS,
  RUN_MAPS,
  CHOSEN_IMAGES,
  RUN_TRIALS,
];
