import type { Analysis } from '../../src-shared/analysis.ts';
import type { ClassScore } from '../../src-shared/measurement.ts';

export interface ClassRow {
  readonly class: number;
  readonly label: string;
  /** Probabilities; null where the class is not among the first five. */
  readonly before: number | null;
  readonly after: number;
  /** Places gained; null for a class that was not among the first five before. */
  readonly rise: number | null;
}

/** The quantised network's first classes, each against its place and probability before. */
export function classRows({ baseline, quantised }: Pick<Analysis, 'baseline' | 'quantised'>): ClassRow[] {
  return quantised.top.map((score, place) => {
    const placeBefore = baseline.top.findIndex((other) => other.class === score.class);
    return {
      class: score.class,
      label: score.label,
      before: baseline.top[placeBefore]?.probability ?? null,
      after: score.probability,
      rise: placeBefore < 0 ? null : placeBefore - place,
    };
  });
}

/** Classes that were among the first five and no longer are. */
export function fallenClasses({ baseline, quantised }: Pick<Analysis, 'baseline' | 'quantised'>): ClassScore[] {
  return baseline.top.filter((score) => !quantised.top.some((other) => other.class === score.class));
}
