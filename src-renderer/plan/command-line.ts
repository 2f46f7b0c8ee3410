import { DEFAULT_PLAN_SETTINGS, planOptions, type PlanSettings } from './plan-settings.ts';

/**
 * The line that repeats on the command line what is on screen. Layers with bits of their own need a file there:
 * the line writes it first.
 * @param image path of the file, or its name where only the browser knows the path
 */
export function commandLine(image: string, modelId: string, settings: PlanSettings): string {
  const { metric, threshold, layerBits = {} } = planOptions(settings);
  const own = Object.keys(layerBits).length > 0;
  const options: readonly (string | null)[] = [
    'fovea analyze',
    quoted(image),
    `--model ${quoted(modelId)}`,
    `--metric ${metric}`,
    `--regions ${settings.regions}`,
    threshold === undefined ? `--low-share ${settings.lowShare}` : `--threshold ${settings.thresholds?.join(',')}`,
    `--bits ${settings.bits.join(',')}`,
    own ? `--layer-bits ${LAYER_BITS_FILE}` : null,
    settings.inputBits === null ? null : `--input-bits ${settings.inputBits}`,
    `--range ${settings.range}`,
    settings.powerOfTwo ? '--power-of-two' : null,
    settings.quantiser === DEFAULT_PLAN_SETTINGS.quantiser ? null : `--quantiser ${settings.quantiser}`,
    settings.quantiser === 'log' ? `--weight-bits ${settings.weightBits}` : null,
    settings.metric === 'random' ? `--seed ${settings.seed}` : null,
  ];
  const line = options.filter((option) => option !== null).join(' ');
  return own ? `echo ${quoted(JSON.stringify(layerBits))} > ${LAYER_BITS_FILE} && ${line}` : line;
}

const LAYER_BITS_FILE = 'layer-bits.json';

/** A word for a POSIX shell: as it is where that is safe, else in single quotes. */
function quoted(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
