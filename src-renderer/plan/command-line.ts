import { METRIC_TABLE } from '../../src-shared/precision/metrics.ts';
import { PLAN_OPTIONS, planWords } from '../../src-shared/precision/plan-option-table.ts';
import { quoted } from '../../src-shared/shell-word.ts';
import { planOptions, type PlanSettings } from './plan-settings.ts';

export { quoted };

/**
 * The line that repeats on the command line what is on screen. Layers with bits of their own need a file there:
 * the line writes it first.
 * @param image path of the file, or its name where only the browser knows the path
 */
export function commandLine(image: string, modelId: string, settings: PlanSettings): string {
  const {
    layerBits = {},
    quantiser = PLAN_OPTIONS.quantiser.default,
    seed = PLAN_OPTIONS.seed.default,
    ...options
  } = planOptions(settings);
  const own = Object.keys(layerBits).length > 0;
  const stated = {
    ...options,
    ...(own ? { layerBits } : {}),
    ...(quantiser === PLAN_OPTIONS.quantiser.default ? {} : { quantiser }),
    ...(METRIC_TABLE[settings.metric].drawn ? { seed } : {}),
  };
  const line = ['fovea analyze', quoted(image), `--model ${quoted(modelId)}`, ...planWords(stated, LAYER_BITS_FILE)];
  return `${own ? `echo ${quoted(JSON.stringify(layerBits))} > ${LAYER_BITS_FILE} && ` : ''}${line.join(' ')}`;
}

const LAYER_BITS_FILE = 'layer-bits.json';
