import { planOptions, type PlanSettings } from '../plan/plan-settings.ts';

/** What is looked at, whatever the plan. */
export interface Subject {
  readonly imageId: string;
  readonly modelId: string;
}

/** What an analysis answers. */
export interface Question extends Subject {
  readonly settings: PlanSettings;
}

export function sameSubject(a: Subject, b: Subject): boolean {
  return a.imageId === b.imageId && a.modelId === b.modelId;
}

/** The same for questions that have the same answer. */
export function keyOf({ imageId, modelId, settings }: Question): string {
  return JSON.stringify([imageId, modelId, planOptions(settings)]);
}
