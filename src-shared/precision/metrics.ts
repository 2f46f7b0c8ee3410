/** What can tell important regions from others, and the controls that it is compared with. */
interface MetricDescription {
  /** What people read. */
  readonly label: string;
  /**
   * Computed from pixels, or given with them. What does not read the image gives every image the same map, unless it is drawn or found in the graph, see
   * {@link GRAPH_METRICS}.
   */
  readonly readsImage: boolean;
  /** Drawn from the seed, another map for every image. */
  readonly drawn: boolean;
  /** How `fovea reproduce` compares it: as it is, with its inverse as a control of its own, or not. */
  readonly compared: 'alone' | 'with its inverse' | 'not';
}

/**
 * All metrics, in the order in which they are offered. What computes them is `importance/importance.ts`. No schema here: the
 * command line reads this table before it knows what it is to do.
 */
export const METRIC_TABLE = {
  combined: { label: 'Combined', readsImage: true, drawn: false, compared: 'with its inverse' },
  gradient: { label: 'Colour gradient', readsImage: true, drawn: false, compared: 'with its inverse' },
  entropy: { label: 'Entropy', readsImage: true, drawn: false, compared: 'alone' },
  interest: { label: 'Interest points', readsImage: true, drawn: false, compared: 'alone' },
  saliency: { label: 'Saliency (cheap pass)', readsImage: true, drawn: false, compared: 'not' },
  given: { label: 'Given map', readsImage: true, drawn: false, compared: 'not' },
  centre: { label: 'Centre (control)', readsImage: false, drawn: false, compared: 'alone' },
  random: { label: 'Random (control)', readsImage: false, drawn: true, compared: 'alone' },
  uniform: { label: 'Uniform (control)', readsImage: false, drawn: false, compared: 'not' },
  sensitivity: { label: 'Sensitivity (layers)', readsImage: false, drawn: false, compared: 'not' },
  outliers: { label: 'Outliers (layers)', readsImage: false, drawn: false, compared: 'not' },
} as const satisfies Readonly<Record<string, MetricDescription>>;

export type BaseMetric = keyof typeof METRIC_TABLE;
/** A metric, or its control `inverse:<metric>`, which swaps important and unimportant. */
export type Metric = BaseMetric | `inverse:${BaseMetric}`;

/** Metrics whose importance is not computed from pixels: it comes with the image, or from the network. */
export const OUTSIDE_METRICS = ['saliency', 'given'] as const satisfies readonly BaseMetric[];
export type OutsideMetric = (typeof OUTSIDE_METRICS)[number];
export type PixelMetric = Exclude<BaseMetric, OutsideMetric>;

export function isOutsideMetric(name: Metric): name is OutsideMetric {
  return OUTSIDE_METRICS.some((outside) => outside === name);
}

export function isPixelMetric(name: BaseMetric): name is PixelMetric {
  return !isOutsideMetric(name);
}

/** Weights of the combined metric; they sum to 1. Centred objects are so common that the prior alone beats each image metric. */
export const COMBINED_WEIGHTS = { gradient: 0.2, entropy: 0.15, interest: 0.15, centre: 0.5 } as const;
/** What the combined metric sums, in the order in which its weights are given. */
export const COMBINED_PARTS = Object.keys(COMBINED_WEIGHTS) as readonly (keyof typeof COMBINED_WEIGHTS)[];

/** An object's keys of words keep their order. */
export const METRICS = Object.keys(METRIC_TABLE) as readonly BaseMetric[];

/** A metric without its control `inverse:`, and whether it had it; null for what is no metric. */
export function metricParts(metric: Metric): { readonly name: BaseMetric; readonly inverse: boolean };
export function metricParts(metric: string): { readonly name: BaseMetric; readonly inverse: boolean } | null;
export function metricParts(metric: string): { readonly name: BaseMetric; readonly inverse: boolean } | null {
  const name = METRICS.find((base) => metric === base || metric === `inverse:${base}`);
  return name ? { name, inverse: metric !== name } : null;
}

/** Whether a metric takes its importance from a file that comes with each image. */
export function usesMaps({ metric }: { readonly metric: Metric }): boolean {
  return metricParts(metric).name === 'given';
}

/** Metrics that have no map of the image: the rewritten graph finds each layer's own in the layer's input, at run time. */
export const GRAPH_METRICS = ['sensitivity', 'outliers'] as const satisfies readonly BaseMetric[];
export type GraphMetric = (typeof GRAPH_METRICS)[number];

/** The metric, its inverse or not, where the graph finds its levels; else null. */
export function graphMetric(metric: string): GraphMetric | null {
  const name = metricParts(metric)?.name;
  return GRAPH_METRICS.find((own) => own === name) ?? null;
}

export function isMetric(text: string): text is Metric {
  return metricParts(text) !== null;
}

/** Metrics and controls whose masks are compared at the same energy; the inverse ones come last. */
export const COMPARED_METRICS: readonly Metric[] = [
  ...METRICS.filter((name) => METRIC_TABLE[name].compared !== 'not'),
  ...METRICS.filter((name) => METRIC_TABLE[name].compared === 'with its inverse').map(
    (name) => `inverse:${name}` as const,
  ),
];
