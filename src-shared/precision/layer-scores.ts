import { type ActivationHistogram, addToHistogram, binCeiling, emptyHistogram } from './activation-histogram.ts';
import { type FoundInput, positionScores, SCORE_SHARES, windowScores } from './found-levels.ts';
import { KNOWN_SCORES, type LayerScores, scoreName } from './layer-range.ts';
import { GRAPH_METRICS } from './metrics.ts';

/** The scores of all positions that calibration has seen of a layer, a histogram for each metric and window. */
export type ScoreHistograms = ReadonlyMap<string, ActivationHistogram>;

export function emptyScores(): ScoreHistograms {
  return new Map(KNOWN_SCORES.map((found) => [scoreName(found), emptyHistogram()]));
}

/** Counts the positions of a layer's input. */
export function addScores(histograms: ScoreHistograms, input: FoundInput): void {
  for (const metric of GRAPH_METRICS) {
    const scores = positionScores(input, metric);
    for (const found of KNOWN_SCORES)
      if (found.metric === metric)
        addToHistogram(histograms.get(scoreName(found))!, windowScores(scores, input, found));
  }
}

/** What thresholds come from: quantiles of the scores, each to the width of a bin. */
export function calibratedScores(histograms: ScoreHistograms): LayerScores {
  return Object.fromEntries([...histograms].map(([name, histogram]) => [name, quantilesOf(histogram)]));
}

function quantilesOf(histogram: ActivationHistogram): number[] {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  const quantiles: number[] = [];
  let seen = 0;
  for (let bin = 0; bin < histogram.length && quantiles.length < SCORE_SHARES.length; bin++) {
    seen += histogram[bin]!;
    while (seen > 0 && quantiles.length < SCORE_SHARES.length && seen >= SCORE_SHARES[quantiles.length]! * total) {
      const score = bin === 0 ? 0 : binCeiling(bin);
      quantiles.push(Number.isFinite(score) ? Number(score.toPrecision(5)) : Number.MAX_VALUE);
    }
  }
  return quantiles;
}
