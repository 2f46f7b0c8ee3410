import type { ImageEntry } from '../../src-shared/contract/images.ts';
import { DEFAULT_MODEL } from '../../src-shared/contract/model-summary.ts';
import { METRIC_TABLE } from '../../src-shared/precision/metrics.ts';
import {
  PLAN_OPTION_NAMES,
  PLAN_OPTIONS,
  type PlanOptions,
  planWords,
} from '../../src-shared/precision/plan-option-table.ts';
import { SAMPLE_PREFIX } from '../../src-shared/sample-name.ts';
import { quoted } from '../../src-shared/shell-word.ts';
import { planOptions, type PlanSettings } from './plan-settings.ts';

/** What an image is called on the command line: its path, a sample by its name, else the name where only the browser knows the path. */
export function imageWord({ path, name }: Pick<ImageEntry, 'path' | 'name'>, isSample: boolean): string {
  return isSample ? `${SAMPLE_PREFIX}${name.replace(/\.[^.]*$/, '')}` : (path ?? name);
}

/**
 * The line that repeats on the command line what is on screen, wherever it is typed; what is at its default is left out. Layers with
 * bits of their own need a file there: the line writes it first.
 * @param image as {@link imageWord} gives it
 * @param map file of the importance map that metric `given` takes, where it does not lie beside the image
 */
export function commandLine(image: string, modelId: string, settings: PlanSettings, map: string | null = null): string {
  const { seed, ...options } = planOptions(settings);
  const stated = unlikeDefaults({ ...options, ...(METRIC_TABLE[settings.metric].drawn ? { seed } : {}) });
  const { layerBits } = stated;
  const model = modelId === DEFAULT_MODEL ? [] : [`--model ${quoted(modelId)}`];
  const line = ['fovea analyze', quoted(image), ...model, ...planWords(stated, LAYER_BITS_FILE)];
  if (map !== null && settings.metric === 'given') line.push(`--maps ${quoted(map)}`);
  return `${layerBits ? `echo ${quoted(JSON.stringify(layerBits))} > ${LAYER_BITS_FILE} && ` : ''}${line.join(' ')}`;
}

function unlikeDefaults(options: PlanOptions): PlanOptions {
  const told = PLAN_OPTION_NAMES.filter((name) => {
    const value = options[name];
    if (value === undefined || (name === 'layerBits' && Object.keys(value).length === 0)) return false;
    const description = PLAN_OPTIONS[name];
    return !('default' in description) || JSON.stringify(value) !== JSON.stringify(description.default);
  });
  return Object.fromEntries(told.map((name) => [name, options[name]]));
}

const LAYER_BITS_FILE = 'layer-bits.json';
