import { basename, join } from 'node:path';
import type { Analysis } from '../../src-shared/analysis.ts';
import { NOTHING_REMEMBERED, settingsSchema, type HostKind } from '../../src-shared/contract/app.ts';
import type { EventName, EventOf } from '../../src-shared/contract/contract.ts';
import type { ExportKind, ExportedFile } from '../../src-shared/contract/analysis.ts';
import type { FileReference } from '../../src-shared/contract/files.ts';
import type { ModelDetails, ModelSummary } from '../../src-shared/contract/models.ts';
import type { RunRecord } from '../../src-shared/runs/run-record.ts';
import type { CommandId } from '../../src-shared/commands.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { resolvePlan, type PlanOptions, type PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import { visibleRectangle, type Preprocessing } from '../../src-shared/preprocessing.ts';
import { imageShelf, type ImageReader, privately, type NamedPath } from '../images/image-shelf.ts';
import { jsonFile } from '../files/json-file.ts';
import { completePath, typedPath } from './path-completion.ts';
import type { CallContext, Handlers } from './conversation.ts';
import type { Uploads } from './uploads.ts';

/** What one analysis needs, resolved. */
export interface AnalysisRequest {
  readonly imagePath: string;
  readonly modelId: string;
  readonly plan: PrecisionPlan;
  /** Null: all. */
  readonly accelerators: readonly string[] | null;
  readonly counts: boolean;
}

/** The installed models and the engine that runs them. */
export interface Laboratory {
  models(): Promise<readonly ModelSummary[]>;
  openModel(modelId: string, context: CallContext): Promise<{ details: ModelDetails; preprocessing: Preprocessing }>;
  addModel(path: string): Promise<ModelSummary>;
  analyse(request: AnalysisRequest, context: CallContext): Promise<Analysis>;
  exportAnalysis(
    request: AnalysisRequest,
    kind: ExportKind,
    layer: string | null,
    context: CallContext,
  ): Promise<ExportedFile>;
  runs(): Promise<readonly RunRecord[]>;
  saveRun(name: string, requests: readonly AnalysisRequest[], context: CallContext): Promise<RunRecord>;
  onEngineState(listener: (state: EventOf<'engine.state'>) => void): void;
}

/** What only a desktop shell can do. */
export interface Shell {
  choose(choice: 'images' | 'folder' | 'model'): Promise<readonly string[]>;
  /** The page listens: the paths it was not there to be told of. */
  pageReady(): readonly string[];
  setCommands(enabled: readonly CommandId[]): void;
  /** These paths of the user's could be opened. */
  opened(paths: readonly string[]): void;
}

export interface ServiceOptions {
  readonly version: string;
  readonly dataFolder: string;
  readonly samplesFolder: string;
  readonly laboratory: Laboratory;
  readonly images: ImageReader;
  /** The desktop shell; null in the browser host. */
  readonly shell: Shell | null;
  /** Where pages send files; null in the desktop shell. */
  readonly uploads: Uploads | null;
}

type Listener = <Name extends EventName>(event: Name, value: EventOf<Name>) => void;

export interface Service {
  readonly handlers: Handlers;
  /** Tells of events until the returned function is called. */
  subscribe(listener: Listener): () => void;
  emit: Listener;
}

/** The procedures of the contract, over the machine's parts. */
export function createService(options: ServiceOptions): Service {
  const { laboratory, shell, uploads, images } = options;
  const host: HostKind = shell ? 'electron' : 'browser';
  const settings = jsonFile(join(options.dataFolder, 'settings.json'), settingsSchema, NOTHING_REMEMBERED);
  const shelf = imageShelf(options.samplesFolder, images);
  const listeners = new Set<Listener>();
  const emit: Listener = (event, value) => {
    for (const listener of listeners) listener(event, value);
  };
  laboratory.onEngineState((state) => emit('engine.state', state));

  const locate = (file: FileReference): NamedPath => {
    if ('path' in file) {
      const path = typedPath(file.path);
      return { path, name: basename(path), ownPlace: false };
    }
    if (!uploads) throw new FoveaError('not-allowed', 'files are sent only to the browser host');
    return { path: uploads.pathOf(file.upload), name: file.upload.slice(file.upload.indexOf('/') + 1), ownPlace: true };
  };

  const resolve = (input: Asked): AnalysisRequest => ({
    imagePath: shelf.find(input.imageId).path,
    modelId: input.modelId,
    plan: resolvePlan(input.plan),
    accelerators: input.accelerators ?? null,
    counts: input.counts ?? true,
  });

  const handlers: Handlers = {
    'app.info': () => ({ version: options.version, host, platform: process.platform }),
    'app.ready': () => ({ files: (shell?.pageReady() ?? []).map((path) => ({ path })) }),
    'app.commands': ({ enabled }) => {
      shell?.setCommands(enabled);
      return null;
    },
    'settings.get': () => settings.read(),
    'settings.set': async (value) => {
      await settings.write(value);
      return null;
    },

    'models.list': () => laboratory.models(),
    'models.open': async ({ modelId }, context) => (await laboratory.openModel(modelId, context)).details,

    'samples.list': () => shelf.samples(),
    'files.open': async ({ files }, context) => {
      const located = files.map(locate);
      const opened = await shelf.open(located, (path) => laboratory.addModel(path), context);
      const failed = new Set(opened.failed.map(({ name }) => name));
      shell?.opened(located.filter(({ name }) => !failed.has(name)).map(({ path }) => path));
      return opened;
    },
    'files.choose': async ({ choice }) => {
      if (!shell)
        throw new FoveaError('not-allowed', 'a browser has no dialog for the files of the host', 'Type a path.');
      return (await shell.choose(choice)).map((path) => ({ path }));
    },
    'files.complete': ({ prefix }) => {
      if (shell) throw new FoveaError('not-allowed', 'paths are completed only in the browser host');
      return completePath(prefix);
    },
    'images.thumbnail': ({ imageId, maxSide }) => {
      const image = shelf.find(imageId);
      return privately(image, () => images.picture(image.path, maxSide, 'thumbnail'));
    },
    'images.preview': async ({ imageId, modelId, maxSide }, context) => {
      const image = shelf.find(imageId);
      const [{ preprocessing }, encoded] = await Promise.all([
        laboratory.openModel(modelId, context),
        privately(image, () => images.picture(image.path, maxSide, 'preview')),
      ]);
      return { ...encoded, crop: visibleRectangle(image.entry.width, image.entry.height, preprocessing) };
    },

    'analysis.run': async (input, context) => {
      const image = shelf.find(input.imageId);
      const analysis = await privately(image, () => laboratory.analyse(resolve(input), context));
      const path = image.entry.path ?? image.entry.name;
      return { ...analysis, image: { ...analysis.image, path } };
    },
    'analysis.export': (input, context) =>
      laboratory.exportAnalysis(resolve(input), input.kind, input.layer ?? null, context),

    'runs.list': () => laboratory.runs(),
    'runs.save': ({ name, imageIds, modelId, plan }, context) =>
      laboratory.saveRun(
        name,
        imageIds.map((imageId) => resolve({ imageId, modelId, plan })),
        context,
      ),
  };

  return {
    handlers,
    emit,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** What pages ask analyses with. */
interface Asked {
  readonly imageId: string;
  readonly modelId: string;
  readonly plan: PlanOptions;
  readonly accelerators?: readonly string[];
  readonly counts?: boolean;
}
