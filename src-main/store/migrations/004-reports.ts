/**
 * Reports hold more counts, and what policies save is told in lock-step: those made before are made anew from the results when
 * they are asked for.
 */
export const REPORTS = 'DELETE FROM run_summaries';
