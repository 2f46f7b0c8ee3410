import { RUNS } from './001-runs.ts';

/** Migration n brings a store from version n - 1 to n. Released ones never change; a new version appends. */
export const MIGRATIONS: readonly string[] = [RUNS];
