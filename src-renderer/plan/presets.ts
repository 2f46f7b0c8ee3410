import type { ModelDetails } from '../../src-shared/contract/models.ts';
import { DEFAULT_PLAN_SETTINGS, FIRST_PLAN_SETTINGS, sameSettings, type PlanSettings } from './plan-settings.ts';

/** A plan to begin with. */
export interface Preset {
  readonly name: string;
  /** Its bits in short. */
  readonly bits: string;
  readonly title: string;
  readonly settings: PlanSettings;
}

/** Plans that show what plans do; those that differ by region use the importance that is chosen. */
export function presetsOf(current: PlanSettings, model: ModelDetails | null): Preset[] {
  const { metric, inverse, range, seed } = current;
  const base = { ...DEFAULT_PLAN_SETTINGS, range, seed };
  const mapped = { ...base, metric: metric === 'uniform' ? DEFAULT_PLAN_SETTINGS.metric : metric, inverse };
  const uniform: PlanSettings = { ...base, metric: 'uniform', bits: [4] };
  return [
    {
      name: 'Gentle',
      bits: '4/3',
      title: 'A quarter of the area at 3 bits, the rest at 4',
      settings: { ...mapped, lowShare: 0.25, bits: [4, 3] },
    },
    {
      name: 'Crop half',
      bits: '4/0',
      title: 'The less important half is cropped: 0 bits; the rest has 4. Shows whether the map finds what matters',
      settings: { ...mapped, lowShare: FIRST_PLAN_SETTINGS.lowShare, bits: FIRST_PLAN_SETTINGS.bits },
    },
    {
      name: 'Strong',
      bits: '3/1',
      title: 'A quarter of the area at 1 bit, the rest at 3',
      settings: { ...mapped, lowShare: 0.25, bits: [3, 1] },
    },
    { name: 'Uniform', bits: '4', title: 'The same 4 bits everywhere: what a map has to beat', settings: uniform },
    {
      name: 'Layer profile',
      bits: '4…3',
      title: 'The same in every region, fewer bits in the last quarter of the layers: no map at work',
      settings: { ...uniform, layerBits: lateLayers(model, 3) },
    },
  ];
}

/** Late layers bear fewer bits best. */
function lateLayers(model: ModelDetails | null, bits: number): Readonly<Record<string, readonly number[]>> {
  const layers = model?.layers ?? [];
  return Object.fromEntries(layers.slice(Math.ceil(layers.length * 0.75)).map(({ name }) => [name, [bits]]));
}

export function isPreset({ settings }: Preset, current: PlanSettings): boolean {
  return sameSettings(settings, current);
}
