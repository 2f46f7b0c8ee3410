import type { LayerGeometry } from '../measurement.ts';
import {
  COMPARED_METRICS,
  GRAPH_METRICS,
  graphMetric,
  isOutsideMetric,
  METRIC_TABLE,
  type Metric,
  metricParts,
  OUTSIDE_METRICS,
  type OutsideMetric,
} from '../precision/metrics.ts';
import { BLOCK_CHANNELS, BLOCK_SCALE_TABLE, BLOCK_SCALES, type PlanOptions } from '../precision/plan-option-table.ts';
import { type PrecisionPlan, resolvePlan, withMetric } from '../precision/precision-plan.ts';
import { controlMetrics, seededShapes, uniformFrontier } from './controls.ts';
import { LADDERS } from './policies.ts';
import { numberedPlans } from './numbered-plans.ts';

/** What the methods are built from, beside what they are themselves. */
export interface MethodContext {
  /** Of the model. */
  readonly layers: readonly LayerGeometry[];
  /** Names of the layers that read the image itself. */
  readonly inputLayers: readonly string[];
  /** What two searches for bits found on a half of the images: layer by layer, and by layer and level; null where none was made. */
  readonly staticPlan: PrecisionPlan | null;
  readonly jointPlan: PrecisionPlan | null;
}

/** How a method comes to one plan an image: a plan for all that is chosen on other images, or one image by image. */
export type MethodKind = 'plan' | 'cascade' | 'oracle';

export interface Method {
  readonly id: string;
  /** What people read. */
  readonly label: string;
  /** Where it comes from. */
  readonly source: string;
  readonly kind: MethodKind;
  /** Its plan was found on the half it is chosen on, by what it keeps there. */
  readonly searched?: boolean;
  /** What it needs beside a photo and any network. */
  readonly needs?: OutsideMetric;
  /** What it chooses from. */
  readonly plans: (context: MethodContext) => readonly PrecisionPlan[];
}

/** A method that cannot be compared on these photos with this network. */
export interface AbsentMethod {
  readonly metric: OutsideMetric;
  /** In words that follow a colon. */
  readonly why: string;
}

/** What regions lower, and by how much: a bit of many, two of some, all of some. */
export const REGION_SETTINGS: readonly PlanOptions[] = [
  { bits: [4, 3], lowShare: 0.5 },
  { bits: [4, 2], lowShare: 0.25 },
  { bits: [8, 0], lowShare: 0.25 },
];
/** The same where the graph finds them: the mixed widths of DRQ's array, and as few bits as others have. */
const GRAPH_SETTINGS: readonly PlanOptions[] = [
  { bits: [8, 4], lowShare: 0.5 },
  { bits: [4, 3], lowShare: 0.5 },
];
/** Where formats of blocks are near the accuracy of the plain network. */
const BLOCK_WIDTHS = [4, 3] as const;
/** Widths with one calibrated range a layer: below, nothing is left. */
const LAYER_RANGE_WIDTHS = [8, 7, 6, 5] as const;
const POWER_OF_TWO_WIDTHS = [5, 4, 3] as const;
/** Weak blocks keep at least this share of the position's range, so that machines with widths by group skip their bits. */
const BLOCK_FLOOR = 1 / 15;

const everywhere = (widths: readonly number[], options: PlanOptions) =>
  widths.map((width) => resolvePlan({ metric: 'uniform', bits: [width], ...options }));

const [LIKE] = everywhere([8], {});

/** What the others are held against. */
export const UNIFORM_METHOD = 'uniform';

/** Metrics that say where an image is important, and no controls: each is a method. By the image, by the network, by each layer's own input. */
const REGION_METRICS: readonly Metric[] = [
  ...COMPARED_METRICS.filter((metric) => {
    const { name, inverse } = metricParts(metric);
    return !inverse && METRIC_TABLE[name].readsImage;
  }),
  ...OUTSIDE_METRICS,
  ...GRAPH_METRICS,
];

/** Where a metric's regions come from; Taht et al. unless it is told. */
const REGION_SOURCES: Readonly<Partial<Record<Metric, string>>> = {
  saliency: 'class-activation maps, CVPR 2016',
  given: 'elsewhere',
  sensitivity: 'DRQ, ISCA 2020',
  outliers: 'QuantMCU, 2024',
};

const BLOCK_SOURCES = { exact: 'block floating point', 'power-of-two': 'OCP MX 1.0', e4m3: 'NVFP4' } as const;

function regionPlans(metric: Metric): PrecisionPlan[] {
  const settings = graphMetric(metric) ? GRAPH_SETTINGS : REGION_SETTINGS;
  return settings.map((setting) => resolvePlan({ ...setting, metric }));
}

function ladder({ inputLayers }: MethodContext): PrecisionPlan[] {
  return LADDERS.full(inputLayers).map((options) => resolvePlan(options));
}

/** All methods, in the order of reports. A metric of `METRIC_TABLE` that is compared is one by itself. */
export const METHODS: readonly Method[] = [
  {
    id: UNIFORM_METHOD,
    label: 'the same bits everywhere, range by position',
    source: 'block floating point',
    kind: 'plan',
    plans: () => uniformFrontier(LIKE!),
  },
  {
    id: 'uniform-power-of-two',
    label: 'the same bits everywhere, range by position as powers of two',
    source: 'block floating point',
    kind: 'plan',
    plans: () => everywhere(POWER_OF_TWO_WIDTHS, { powerOfTwo: true }),
  },
  {
    id: 'uniform-layer',
    label: 'the same bits everywhere, range by layer',
    source: 'Stripes, MICRO 2016',
    kind: 'plan',
    plans: () => everywhere(LAYER_RANGE_WIDTHS, { range: 'layer' }),
  },
  ...BLOCK_CHANNELS.flatMap((block) =>
    BLOCK_SCALES.map((blockScale): Method => ({
      id: `block-${block}-${blockScale}`,
      label: `blocks of ${block} channels, scales ${BLOCK_SCALE_TABLE[blockScale].words}`,
      source: BLOCK_SOURCES[blockScale],
      kind: 'plan',
      plans: () => everywhere(BLOCK_WIDTHS, { range: 'block', block, blockScale }),
    })),
  ),
  {
    id: 'block-16-floor',
    label: 'blocks of 16 channels, scales exact, at least 1/15 of the position’s',
    source: 'Fovea',
    kind: 'plan',
    plans: () => everywhere(BLOCK_WIDTHS, { range: 'block', block: 16, blockFloor: BLOCK_FLOOR }),
  },
  {
    id: 'shapes',
    label: 'bits by quarter of the network, no search',
    source: 'Fovea',
    kind: 'plan',
    plans: ({ layers }) => seededShapes(layers, LIKE!),
  },
  {
    id: 'static',
    label: 'bits by layer, searched for',
    source: 'Stripes, MICRO 2016',
    kind: 'plan',
    searched: true,
    plans: ({ staticPlan }) => (staticPlan ? [staticPlan] : []),
  },
  {
    id: 'joint',
    label: 'bits by layer and region, searched for by what groups cost',
    source: 'Fovea; groups: Dynamic Stripes, CAL 2017',
    kind: 'plan',
    searched: true,
    plans: ({ jointPlan }) => (jointPlan ? [jointPlan] : []),
  },
  ...REGION_METRICS.map((metric): Method => ({
    id: `regions-${metric}`,
    label: `regions by ${METRIC_TABLE[metricParts(metric).name].label.toLowerCase()}`,
    source: REGION_SOURCES[metric] ?? 'Taht et al. 2018',
    kind: 'plan',
    ...(isOutsideMetric(metric) ? { needs: metric } : {}),
    plans: () => regionPlans(metric),
  })),
  {
    id: 'cascade',
    label: 'cheapest plan first, the next where it is not sure',
    source: 'Fovea',
    kind: 'cascade',
    plans: ladder,
  },
  {
    id: 'oracle',
    label: 'the cheapest plan that keeps the image’s right answer (a bound)',
    source: 'Taht et al. 2018',
    kind: 'oracle',
    plans: ladder,
  },
];

/** A method, and what it chooses from on each half of the images: indexes of plans. */
export interface MethodChoices extends Omit<Method, 'plans'> {
  readonly choices: readonly [readonly number[], readonly number[]];
}

/** The plans of a comparison of methods, each once, with the same masks by centre, chance and inverse behind them. */
export interface MethodsPlans {
  readonly plans: readonly PrecisionPlan[];
  /** So many of them, from the first on, are asked what they save; of the others, behind them, only what they get right. */
  readonly counted: number;
  readonly methods: readonly MethodChoices[];
}

/**
 * @param halves what is known of each half of the images
 * @param absent methods that are not compared
 */
export function methodsPlans(
  halves: readonly [MethodContext, MethodContext],
  absent: readonly Pick<AbsentMethod, 'metric'>[],
): MethodsPlans {
  const { plans, add } = numberedPlans();
  const compared = METHODS.filter(({ needs }) => absent.every(({ metric }) => metric !== needs));
  const methods = compared.map(({ plans: plansOf, ...method }): MethodChoices => {
    const [first, second] = halves.map((known) => plansOf(known).map(add)) as [number[], number[]];
    return { ...method, choices: [first, second] };
  });
  const withRegions = (kind: MethodKind) =>
    [...new Set(methods.flatMap((method) => (method.kind === kind ? method.choices.flat() : [])))].filter(
      (plan) => plans[plan]!.bits.length > 1,
    );
  // What an oracle earns by chance alone is told by random masks; it is no claim about one mask.
  for (const plan of withRegions('oracle')) add(withMetric(plans[plan]!, 'random'));
  const counted = plans.length;
  for (const plan of withRegions('plan'))
    for (const metric of controlMetrics(plans[plan]!)) add(withMetric(plans[plan]!, metric));
  return { plans, counted, methods };
}
