import { planOptions, type PlanSettings } from '../plan/plan-settings.ts';

/** What is looked at, whatever the plan. */
export interface Subject {
  readonly imageId: string;
  readonly modelId: string;
  /** Of the model's card and calibration, which decide the answer as well. */
  readonly revision: number;
  /** Digest of the map that was painted over it, which metric `given` takes; null where there is none. */
  readonly map?: string | null;
}

/** What an analysis answers. */
export interface Question extends Subject {
  readonly settings: PlanSettings;
}

export function sameSubject(a: Subject, b: Subject): boolean {
  return a.imageId === b.imageId && a.modelId === b.modelId && a.revision === b.revision;
}

export function subjectKey({ imageId, modelId, revision }: Subject): string {
  return JSON.stringify([imageId, modelId, revision]);
}

/** The same for questions that have the same answer. */
export function keyOf({ settings, ...subject }: Question): string {
  const map = settings.metric === 'given' ? (subject.map ?? '') : '';
  return `${subjectKey(subject)} ${planKey(settings)}${map}`;
}

/** Of settings that a list of images is asked about, one after the other, at every move of a slider. */
const planKeys = new WeakMap<PlanSettings, string>();

function planKey(settings: PlanSettings): string {
  const key = planKeys.get(settings) ?? JSON.stringify(planOptions(settings));
  planKeys.set(settings, key);
  return key;
}

/** Images of the list under the plan on screen, as they are to be kept. */
export interface RunToSave {
  readonly name: string;
  readonly imageIds: readonly string[];
  readonly keep: 'originals' | 'previews';
}
