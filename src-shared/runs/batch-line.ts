import { optionsOfPlan, resolvePlan, type PlanOptions, type PrecisionPlan } from '../precision/precision-plan.ts';
import { PLAN_OPTION_NAMES, planWords } from '../precision/plan-option-table.ts';
import { usesMaps } from '../precision/metrics.ts';
import { DEFAULT_DEVICE } from '../device.ts';
import type { RunRecord } from './run-record.ts';
import { quoted } from '../shell-word.ts';

const PLANS_FILE = 'plans.json';
const LAYER_BITS_FILE = 'layer-bits.json';

/** The line that gives on the command line the figures of a complete run: it writes its plans, controls included, to a file first. */
export function batchLine({ dataset, model, seed, detail }: RunRecord, plans: readonly PrecisionPlan[]): string {
  const labels =
    dataset.labels.kind === 'csv'
      ? dataset.labels.file
      : dataset.labels.kind === 'file-names'
        ? null
        : dataset.labels.kind;
  const words = [
    'fovea batch',
    quoted(dataset.path),
    `--model ${quoted(model.id)}`,
    ...deviceWords(model.device),
    ...(labels === null ? [] : [`--labels ${quoted(labels)}`]),
    ...mapsWords(dataset.maps ?? null, plans),
    `--plan ${PLANS_FILE}`,
    // What policies choose from is told by which plans a run has.
    '--no-controls',
    ...(detail === 'full' ? ['--counts'] : []),
    ...(seed === 1 ? [] : [`--seed ${seed}`]),
  ];
  return `echo ${quoted(JSON.stringify(plans.map(statedOptions)))} > ${PLANS_FILE} && ${words.join(' ')}`;
}

/**
 * The line that repeats one image under a plan; bits of single layers are written to a file first.
 * @param map file of the importance map that metric `given` took
 */
export function analyzeLine(
  image: string,
  modelId: string,
  plan: PrecisionPlan,
  device: string = DEFAULT_DEVICE,
  map: string | null = null,
): string {
  const { layerBits = {}, ...stated } = statedOptions(plan);
  const ownLayers = Object.keys(layerBits).length > 0;
  const words = planWords({ ...stated, ...(ownLayers ? { layerBits } : {}) }, LAYER_BITS_FILE);
  const own = [...deviceWords(device), ...words, ...mapsWords(map, [plan])];
  const line = ['fovea analyze', quoted(image), `--model ${quoted(modelId)}`, ...own].join(' ');
  return ownLayers ? `echo ${quoted(JSON.stringify(layerBits))} > ${LAYER_BITS_FILE} && ${line}` : line;
}

/** Beside the photos maps are found without a word. */
function mapsWords(maps: string | null, plans: readonly PrecisionPlan[]): string[] {
  return maps !== null && plans.some(usesMaps) ? [`--maps ${quoted(maps)}`] : [];
}

const deviceWords = (device: string) => (device === DEFAULT_DEVICE ? [] : [`--device ${device}`]);

/** The options of a plan that are not what they would be anyway. */
function statedOptions(plan: PrecisionPlan): PlanOptions {
  const whole = JSON.stringify(resolvePlan(optionsOfPlan(plan)));
  let stated = optionsOfPlan(plan);
  for (const name of PLAN_OPTION_NAMES) {
    const rest: PlanOptions = Object.fromEntries(Object.entries(stated).filter(([option]) => option !== name));
    if (JSON.stringify(resolvePlan(rest)) === whole) stated = rest;
  }
  return stated;
}
