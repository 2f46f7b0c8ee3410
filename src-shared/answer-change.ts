import type { Analysis } from './analysis.ts';
import type { ClassScore } from './measurement.ts';

/** What a plan has made of the plain network's answer. */
export interface AnswerChange {
  readonly kept: boolean;
  readonly before: ClassScore;
  readonly now: ClassScore;
  /** Of the plain network's answer under the plan, 1..5; null where it is gone from the first five. */
  readonly place: number | null;
  /** Of the plain network's answer under the plan; null as above. */
  readonly probability: number | null;
}

export function answerChange({ baseline, quantised }: Pick<Analysis, 'baseline' | 'quantised'>): AnswerChange {
  const before = baseline.top[0]!;
  const index = quantised.top.findIndex((score) => score.class === before.class);
  return {
    kept: index === 0,
    before,
    now: quantised.top[0]!,
    place: index < 0 ? null : index + 1,
    probability: quantised.top[index]?.probability ?? null,
  };
}

/** The first of the synonyms that data sets list as one name: `aeroplane, plane` is an aeroplane. */
export function firstSynonym(label: string): string {
  return label.split(',')[0]!.trim();
}

/** Below this probability the plain network's own answer is hardly one. */
const UNSURE_BELOW = 0.3;

export function isUnsure({ before }: AnswerChange): boolean {
  return before.probability < UNSURE_BELOW;
}

/** `answer kept`, `pizza → tray`. */
export function answerWords(change: AnswerChange): string {
  if (change.kept) return 'answer kept';
  return `${firstSynonym(change.before.label)} → ${firstSynonym(change.now.label)}`;
}

/** Where the plain network's answer is under the plan: `now 5th, 0.03`. */
export function placeWords({ place, probability }: AnswerChange): string {
  if (place === null || probability === null) return 'gone from the first five';
  return `now ${ORDINALS[place - 1]}, ${probabilityText(probability)}`;
}

const ORDINALS = ['1st', '2nd', '3rd', '4th', '5th'];

/** Two digits, and never `0.00` for what is not zero. */
export function probabilityText(probability: number): string {
  return probability > 0 && probability < 0.005 ? '<0.01' : probability.toFixed(2);
}
