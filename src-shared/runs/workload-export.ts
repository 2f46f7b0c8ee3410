import type { LayerCounts } from '../measurement.ts';

/** Bits that neither format leaves out and Fovea does not choose: those of DaDianNao's and Stripes' weights, and of accumulators. */
const WEIGHT_BITS = 16;
const SUM_BITS = 32;

/** A layer as the loops that other estimators take: one image, sizes by the letters of their papers. */
interface Loops {
  readonly groups: number;
  /** Of one group. */
  readonly outputChannels: number;
  readonly inputChannels: number;
  readonly outputHeight: number;
  readonly outputWidth: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  /** Whole: mixed widths of regions as what a lock-step group pays on average, rounded up. */
  readonly activationBits: number;
}

function loopsOf({ inputShape, outputShape, kernel, groups, lockstepBits }: LayerCounts): Loops {
  const [channels, height, width] = inputShape;
  const [filters, outputHeight, outputWidth] = outputShape;
  return {
    groups,
    outputChannels: filters / groups,
    inputChannels: channels / groups,
    outputHeight,
    outputWidth,
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    // A stride is not kept with a layer; with any usual padding it is the ratio of the sizes.
    strideHeight: outputHeight === 1 ? 1 : Math.max(1, Math.round(height / outputHeight)),
    strideWidth: outputWidth === 1 ? 1 : Math.max(1, Math.round(width / outputWidth)),
    activationBits: Math.ceil(lockstepBits - 1e-9),
  };
}

/** A layer as it is run: that of the answer, or of a pass before it. */
interface RunLayer {
  readonly layer: LayerCounts;
  readonly name: string;
  readonly activationBits: number;
  readonly remark: string;
}

/** Every run of a layer that is charged: a pass comes before all that it tells, and reads weights and activations of its own. */
function runsOf(layers: readonly LayerCounts[]): RunLayer[] {
  const passes = layers.flatMap((layer): RunLayer[] => {
    const { pass, name } = layer;
    if (!pass) return [];
    const often =
      pass.share === 1 ? '' : `, which a share of ${pass.share.toFixed(4)} of the images makes: weigh it so`;
    const remark = `of the saliency pass before the run${often}`;
    return [{ layer, name: `pass/${name}`, activationBits: Math.ceil(pass.bits - 1e-9), remark }];
  });
  const own = layers.map((layer): RunLayer => {
    const { name, meanBits, lockstepBits } = layer;
    const remark = `mean bits ${meanBits.toFixed(3)}, in lock-step ${lockstepBits.toFixed(3)}`;
    return { layer, name, activationBits: loopsOf(layer).activationBits, remark };
  });
  return [...passes, ...own];
}

const HEAD = (title: string) => [
  `# ${title.replaceAll(/\s+/g, ' ')}`,
  `# Activation bits are the plan's. Weights of ${WEIGHT_BITS} bits unless it clusters them; sums of ${SUM_BITS}. Strides follow from sizes; dilation 1.`,
];

/**
 * A workload for ZigZag (KULeuven-MICAS, `zigzag/inputs/workload/*.yaml`): one node a layer, each by itself, and before them those of a pass
 * that is charged.
 * @param title what the first line says
 * @param weightBits that the plan clusters weights to, or null
 */
export function zigzagWorkload(title: string, layers: readonly LayerCounts[], weightBits: number | null): string {
  const nodes = runsOf(layers).flatMap(({ layer, name, activationBits, remark }, id) => {
    const loops = loopsOf(layer);
    const { groups, strideWidth, strideHeight } = loops;
    const sizes = [1, groups, loops.outputChannels, loops.inputChannels];
    sizes.push(loops.outputHeight, loops.outputWidth, loops.kernelHeight, loops.kernelWidth);
    return [
      '',
      `- id: ${id} # ${remark}`,
      `  name: ${JSON.stringify(name)}`,
      '  operator_type: Conv',
      '  equation: O[b][g][k][oy][ox]+=W[g][k][c][fy][fx]*I[b][g][c][iy][ix]',
      `  dimension_relations: [ix=${strideWidth}*ox+1*fx, iy=${strideHeight}*oy+1*fy]`,
      '  loop_dims: [B, G, K, C, OY, OX, FY, FX]',
      `  loop_sizes: [${sizes.join(', ')}]`,
      '  operand_precision:',
      `    W: ${weightBits ?? WEIGHT_BITS}`,
      `    I: ${activationBits}`,
      `    O: ${SUM_BITS}`,
      `    O_final: ${SUM_BITS}`,
      '  operand_source:',
      `    I: ${id}`,
      `    W: ${id}`,
    ];
  });
  return `${[...HEAD(title), ...nodes].join('\n')}\n`;
}

/** A file of a Timeloop problem. */
export interface TimeloopProblem {
  /** Of the file: the layer's place from 1, and what of its name any file system takes. */
  readonly fileName: string;
  readonly text: string;
}

/**
 * Problems for Timeloop (version 0.4 of its input), one file a layer, those of a pass that is charged first: Timeloop joins the files it is given into one document and has
 * one problem a call. A problem has no widths: they stand among the `variables`, for the `datawidth` of an architecture.
 */
export function timeloopProblems(
  title: string,
  layers: readonly LayerCounts[],
  weightBits: number | null,
): readonly TimeloopProblem[] {
  const runs = runsOf(layers);
  const digits = String(runs.length).length;
  return runs.map(({ layer, name, activationBits, remark }, index) => {
    const loops = loopsOf(layer);
    const instance = {
      G: loops.groups,
      C: loops.inputChannels,
      M: loops.outputChannels,
      R: loops.kernelWidth,
      S: loops.kernelHeight,
      N: 1,
      P: loops.outputWidth,
      Q: loops.outputHeight,
      Wstride: loops.strideWidth,
      Hstride: loops.strideHeight,
      Wdilation: 1,
      Hdilation: 1,
    };
    const lines = [
      ...HEAD(title),
      `# ${JSON.stringify(name)}: ${remark}`,
      'variables: # where the architecture has variables of its own, these belong among them',
      '  version: 0.4',
      `  ACTIVATION_BITS: ${activationBits}`,
      `  WEIGHT_BITS: ${weightBits ?? WEIGHT_BITS}`,
      `  SUM_BITS: ${SUM_BITS}`,
      'problem:',
      '  version: 0.4',
      '  shape:',
      '    name: grouped_convolution',
      '    dimensions: [G, C, M, R, S, N, P, Q]',
      '    coefficients:',
      ...['Wstride', 'Hstride', 'Wdilation', 'Hdilation'].flatMap((coefficient) => [
        `    - name: ${coefficient}`,
        '      default: 1',
      ]),
      '    data_spaces:',
      '    - name: Weights',
      '      projection: [[[G]], [[C]], [[M]], [[R]], [[S]]]',
      '    - name: Inputs',
      '      projection: [[[N]], [[G]], [[C]], [[R, Wdilation], [P, Wstride]], [[S, Hdilation], [Q, Hstride]]]',
      '    - name: Outputs',
      '      projection: [[[N]], [[G]], [[M]], [[Q]], [[P]]]',
      '      read_write: true',
      '  instance:',
      ...Object.entries(instance).map(([dimension, size]) => `    ${dimension}: ${size}`),
    ];
    const place = String(index + 1).padStart(digits, '0');
    return {
      fileName: `${place}-${name.replaceAll(/[^\w.-]+/g, '_').slice(0, 80)}.yaml`,
      text: `${lines.join('\n')}\n`,
    };
  });
}
