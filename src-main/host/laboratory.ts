import { parse, relative } from 'node:path';
import { builtinAccelerator, builtinAccelerators } from '../../src-shared/energy/accelerators/builtin.ts';
import type { Analysis } from '../../src-shared/analysis.ts';
import type { ExportedFile } from '../../src-shared/contract/analysis.ts';
import type { ModelDetails, ModelSummary } from '../../src-shared/contract/models.ts';
import type { RunRecord } from '../../src-shared/runs/run-record.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import type { RunRecord } from '../../src-shared/runs/run-record.ts';
import { analysisCsv } from '../text/analysis-csv.ts';
import { runsFile } from '../files/data-folder.ts';
import { knownCalibration } from '../models/calibration.ts';
import { fileDigest } from '../onnx/model-file.ts';
import { modelListing } from '../models/model-listing.ts';
import type { InstalledModel } from '../models/model-library.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import { chosenLayer, overlayOf } from '../images/overlay-files.ts';
import { renderOverlay } from '../images/overlay.ts';
import { runModelOf } from '../store/run-model.ts';
import { findRun, listRuns } from '../store/run-query.ts';
import { openRunStore } from '../store/run-store.ts';
import type { AnalysisRequest, Laboratory } from './service.ts';
import type { CallContext } from './conversation.ts';
import { requestFor, Bench, type BenchOptions, type WorkOptions } from '../work/bench.ts';

type StateListener = Parameters<Laboratory['onEngineState']>[0];

/** The workbench as the view's procedures use it. */
export function createLaboratory(
  options: Omit<BenchOptions, 'warn' | 'onEngineState'>,
): Laboratory & { close(): void } {
  const listeners = new Set<StateListener>();
  const workbench = new Bench({
    ...options,
    warn: (message) => console.warn(message),
    onEngineState: (state, error) => listeners.forEach((listener) => listener({ state, error })),
  });
  const { library, dataFolder, version } = workbench;
  const open = (model: InstalledModel, context: CallContext) => workbench.opened(model, workOptions(context));

  const analyse = (request: AnalysisRequest, context: CallContext): Promise<Analysis> =>
    workbench.analyse(
      {
        image: request.imagePath,
        model: library.find(request.modelId),
        plan: request.plan,
        accelerators: request.accelerators?.map(builtinAccelerator) ?? builtinAccelerators(),
        counts: request.counts,
      },
      workOptions(context),
    );

  const summary = async (model: InstalledModel, opened: OpenedModel): Promise<ModelSummary> => ({
    id: model.id,
    name: opened.card?.name ?? parse(model.path).name,
    sha256: opened.sha256,
    classes: opened.classes,
    inputSize: [opened.preprocessing.width, opened.preprocessing.height],
    licence: opened.card?.licence ?? null,
    calibrated: (await knownCalibration(dataFolder, opened)) !== null,
    embedded: model.embedded,
  });

  /** What card and file tell, without opening the model; null where that is not enough. */
  const listed = async (model: InstalledModel): Promise<ModelSummary | null> => {
    const { id, name, classes, inputSize, licence, calibrated, embedded, path } = await modelListing(model, dataFolder);
    if (classes === null || inputSize === null) return null;
    return { id, name, sha256: await fileDigest(path), classes, inputSize, licence, calibrated, embedded };
  };

  return {
    async models() {
      const summaries: ModelSummary[] = [];
      for (const model of library.list())
        try {
          summaries.push((await listed(model)) ?? (await summary(model, await workbench.opened(model))));
        } catch (error) {
          // A model that cannot be opened must not hide the others; asked for by name, it tells why.
          if (!(error instanceof FoveaError)) throw error;
        }
      return summaries;
    },

    async openModel(modelId, context) {
      const model = library.find(modelId);
      const opened = await open(model, context);
      const details: ModelDetails = { ...(await summary(model, opened)), layers: opened.layers, labels: opened.labels };
      return { details, preprocessing: opened.preprocessing };
    },

    async addModel(path) {
      await workbench.open(library.find(path));
      const model = await library.add(path);
      return summary(model, await workbench.open(model));
    },

    analyse,

    async exportAnalysis(request, kind, layerName, context): Promise<ExportedFile> {
      const analysis = await analyse({ ...request, counts: true }, context);
      const stem = parse(request.imagePath).name;
      const text = (content: string) => new TextEncoder().encode(content);
      if (kind === 'json')
        return {
          name: `${stem}.json`,
          mime: 'application/json',
          bytes: text(`${JSON.stringify(analysis, null, 2)}\n`),
        };
      if (kind === 'csv') return { name: `${stem}.csv`, mime: 'text/csv', bytes: text(analysisCsv(analysis)) };
      const { preprocessing } = await open(library.find(request.modelId), context);
      const map = ({ 'importance-png': 'importance', 'levels-png': 'levels', 'bits-png': 'bits' } as const)[kind];
      const overlay = overlayOf(analysis, preprocessing, map, chosenLayer(analysis.layers, layerName));
      return { name: `${stem}-${map}.png`, mime: 'image/png', bytes: await renderOverlay(overlay) };
    },

    async runs() {
      using store = openRunStore(runsFile(dataFolder));
      return listRuns(store).map(summaryOfRun);
    },

    async saveRun(name, requests, context) {
      const [first] = requests;
      if (!first) throw new Error('a run needs an image');
      const { plan } = first;
      const model = library.find(first.modelId);
      const opened = await open(model, context);
      const paths = [...new Set(requests.map((request) => request.imagePath))];
      const ranges = await workbench.ranges(opened, [plan], paths, workOptions(context));
      const folder = commonFolder(paths);
      using store = openRunStore(runsFile(dataFolder));
      const writer = store.createRun({
        name,
        model: runModelOf(model.id, opened, ranges),
        dataset: {
          path: folder,
          labels: { kind: 'none' },
          sha256: null,
          images: paths.map((path) => ({ path: datasetPath(folder, path), label: null })),
        },
        plans: [plan],
        detail: 'full',
        seed: plan.seed,
        shard: null,
        version,
      });
      const started = performance.now();
      try {
        const outcomes = await workbench.engine.run(
          'evaluate',
          {
            model: requestFor(model.path),
            images: paths.map((path) => ({ path, plans: [0], baseline: true })),
            plans: [plan],
            ranges,
            counts: true,
          },
          {
            signal: context.signal,
            onProgress: (progress) => context.progress({ stage: 'saving the run', ...progress }),
          },
        );
        writer.write(
          outcomes.map((outcome) => ({ ...outcome, path: datasetPath(folder, outcome.path) })),
          (performance.now() - started) / 1000,
        );
        writer.finish();
      } catch (error) {
        writer.finish('failed');
        throw error;
      }
      return summaryOfRun(findRun(store, writer.runId));
    },

    onEngineState: (listener) => void listeners.add(listener),
    close: () => workbench.close(),
  };
}

function workOptions({ signal, progress }: CallContext): WorkOptions {
  return { signal, onProgress: (stage, own) => progress({ stage, ...own }) };
}

function summaryOfRun(run: RunRecord): RunRecord {
  const { id, name, createdAt, status, model, images, plans } = run;
  return {
    id,
    name,
    createdAt,
    status: status === 'interrupted' ? 'cancelled' : status,
    model: model.id,
    images,
    plans,
  };
}

function commonFolder(paths: readonly string[]): string {
  return paths
    .map((path) => parse(path).dir)
    .reduce((folder, other) => {
      let common = folder;
      while (relative(common, other).startsWith('..')) common = parse(common).dir;
      return common;
    });
}

const datasetPath = (folder: string, path: string) => relative(folder, path).replaceAll('\\', '/');
