import { DEFAULT_ENERGY_MODE, type EnergyMode } from '../../src-shared/energy/energy-mode.ts';
import type { Analysis } from '../../src-shared/analysis.ts';
import { answerChange } from '../../src-shared/answer-change.ts';
import { UNIFORM_WIDTHS } from '../../src-shared/runs/controls.ts';
import { DEFAULT_PLAN_SETTINGS, type PlanSettings } from '../plan/plan-settings.ts';
import { onceSettled } from '../settled.ts';
import type { Question, Subject } from './question.ts';

/** The maps that a plan can be drawn with: the importance itself, and what it is held against. */
export const MAPS = [
  { id: 'importance', name: 'Importance' },
  { id: 'random', name: 'Random' },
  { id: 'inverse', name: 'Inverse' },
  { id: 'centre', name: 'Centre' },
] as const;
export type MapId = (typeof MAPS)[number]['id'];

/** Which of the maps a plan is drawn with. */
export function mapOf({ metric, inverse }: PlanSettings): MapId {
  if (inverse) return 'inverse';
  return metric === 'random' || metric === 'centre' ? metric : 'importance';
}

/** The same plan with another map. @param importance what tells important regions where the plan itself is a control */
export function withMap(
  settings: PlanSettings,
  map: MapId,
  importance: PlanSettings['metric'] = DEFAULT_PLAN_SETTINGS.metric,
): PlanSettings {
  const own = ['random', 'centre', 'uniform'].includes(settings.metric) ? importance : settings.metric;
  return { ...settings, metric: map === 'random' || map === 'centre' ? map : own, inverse: map === 'inverse' };
}

/** Uniform bits with all else as in the plan. */
export function uniformPlan(
  { range, powerOfTwo, block, quantiser, weightBits, inputBits, seed }: PlanSettings,
  bits: number,
): PlanSettings {
  const base = { ...DEFAULT_PLAN_SETTINGS, metric: 'uniform', bits: [bits], layerBits: {} } as const;
  return { ...base, range, powerOfTwo, block, quantiser, weightBits, inputBits, seed };
}

/** Whether regions differ at all under a plan. */
export function hasMap({ metric, bits, layerBits, lowShare, thresholds }: PlanSettings): boolean {
  if (metric === 'uniform' || (thresholds === null && lowShare === 0)) return false;
  return [bits, ...Object.values(layerBits)].some((own) => own.some((width) => width !== own[0]));
}

/** What is said where a map has nothing to add, and what would let it. */
export function noMapWords({ metric }: PlanSettings): string {
  const next = metric === 'uniform' ? 'Choose a metric' : 'Give a share of the area other bits';
  return `No map at work: all regions have the same bits. ${next} to let regions differ.`;
}

/** All that a plan is held against: the uniform widths, and the maps where regions differ. */
export function alternativesOf(settings: PlanSettings): PlanSettings[] {
  const maps = hasMap(settings) ? MAPS.map(({ id }) => withMap(settings, id)) : [];
  return [...UNIFORM_WIDTHS.map((bits) => uniformPlan(settings, bits)), ...maps];
}

/** What a plan saves on one machine, and how sure the network still is of its first answer. */
export interface Mark {
  /** Share of the compute energy of uniform 8 bits. */
  readonly saved: number;
  /** Of the plain network's answer, 0..1; null where it is gone from the first five. */
  readonly probability: number | null;
}

export function markOf(analysis: Analysis, accelerator: string, mode: EnergyMode = DEFAULT_ENERGY_MODE): Mark | null {
  const estimate = analysis.energy.find((own) => own.accelerator === accelerator && own.mode === mode);
  return estimate ? { saved: estimate.savedVs8bit, probability: answerChange(analysis).probability } : null;
}

/**
 * How sure uniform bits are at a saving, between the two widths around it; null outside of the curve.
 * @param curve from the widest, which saves least
 */
export function uniformAt(curve: readonly Mark[], saved: number): number | null {
  for (const [index, right] of curve.entries()) {
    const left = curve[index - 1];
    if (!left || saved < left.saved || saved > right.saved || right.saved <= left.saved) continue;
    const [from, to] = [left.probability ?? 0, right.probability ?? 0];
    return from + ((to - from) * (saved - left.saved)) / (right.saved - left.saved);
  }
  return null;
}

interface Asking {
  readonly question: () => Question | null;
  /** The plan has come to rest and its own result is whole. */
  readonly rests: () => boolean;
  readonly ask: (subject: Subject, plans: readonly PlanSettings[], signal: AbortSignal) => Promise<void>;
  readonly onError: (thrown: unknown) => void;
}

/** A plan that has not changed for so long has come to rest. */
const ASK_AFTER_MS = 300;

/** Asks for what the plan on screen is held against once it has come to rest, for as long as the component that calls it lives. */
export function followAlternatives({ question, rests, ask, onError }: Asking): void {
  $effect(() => {
    const asked = question();
    if (!asked || !rests()) return;
    return onceSettled(ASK_AFTER_MS, (signal) => {
      ask(asked, alternativesOf(asked.settings), signal).catch((thrown: unknown) => {
        if (!signal.aborted) onError(thrown);
      });
    });
  });
}
