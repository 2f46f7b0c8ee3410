import type { LoadReport } from '../../src-shared/contract/models.ts';
import { rangeOf } from '../../src-shared/precision/layer-range.ts';
import type { Work } from '../../src-shared/work.ts';
import { knownCalibration, knownHistograms } from '../models/calibration.ts';
import { cardInput } from '../models/card-input.ts';
import type { InstalledModel } from '../models/model-library.ts';
import { chosenGraph } from '../network/chosen-graph.ts';
import { layersOf } from '../network/graph-layers.ts';
import { graphSteps } from '../network/graph-steps.ts';
import { openModelFile } from '../onnx/model-file.ts';
import type { Bench } from './bench.ts';

/** All that is known of a model: its nodes, its card, its ranges, and where each is known from. @throws FoveaError `model-…`, `card-…` */
export async function loadReport(bench: Bench, model: InstalledModel, work: Work): Promise<LoadReport> {
  const opened = await bench.known(model, work);
  const { card, signature, outputKind, path, bytes, opset, preset } = opened;
  const [calibration, histograms] = await Promise.all([
    knownCalibration(bench.dataFolder, opened),
    knownHistograms(bench.dataFolder, opened, model.embedded),
  ]);
  const file = openModelFile(path);
  try {
    const { model: nodes, graph } = chosenGraph(file, layersOf(file), signature.outputName, card?.input.layout);
    return {
      path,
      bytes,
      opset,
      signature,
      hasCard: card !== null,
      preset,
      input: cardInput(opened),
      outputKind,
      labelSource: Array.isArray(card?.labels) ? `${card.labels.length} names in the card` : (card?.labels ?? null),
      licence: card?.licence ?? null,
      accuracy: card?.accuracy
        ? { dataset: card.accuracy.dataset, images: card.accuracy.images, top1: card.accuracy.top1 }
        : null,
      steps: graphSteps(nodes, graph),
      readsImage: opened.readsImage,
      tensorOfLayer: opened.tensorOfLayer,
      calibration: calibration && {
        percentile: calibration.percentile,
        images: calibration.images,
        ranges: Object.fromEntries(Object.entries(calibration.ranges).map(([layer, range]) => [layer, rangeOf(range)])),
      },
      // Of another calibration than the one that counts, they would mislead.
      histograms: calibration && histograms,
    };
  } finally {
    file.source.close();
  }
}
