import { join, parse } from 'node:path';
import type { SpawnProcess } from '../engine/process-port.ts';
import { projectFolder } from '../files/project-folder.ts';
import { imageReader } from '../images/image-reader.ts';
import { imageShelf } from '../images/image-shelf.ts';
import { samplesFolder } from '../images/samples.ts';
import { DEFAULT_MODEL } from '../models/model-library.ts';
import { Bench } from '../work/bench.ts';
import { RunJobs } from '../work/run-jobs.ts';
import { runReader } from '../work/run-reader.ts';
import { KeptImages } from '../store/kept-images.ts';
import { KeptMaps } from '../store/kept-maps.ts';
import { KeptThumbnails } from '../store/kept-thumbnails.ts';
import type { Shell } from './host-parts.ts';
import { storeOf } from './store-of.ts';
import { eventHub, handlersOf, type Service } from './service.ts';
import type { Uploads } from './uploads.ts';

export interface ServiceOptions {
  readonly version: string;
  readonly dataFolder: string;
  /** The run store's file. */
  readonly db: string;
  /** The desktop shell; null in the browser host. */
  readonly shell: Shell | null;
  /** Where pages send files; null in the desktop shell. */
  readonly uploads: Uploads | null;
  /** Node's way to start a process, or Electron's. */
  readonly spawn: SpawnProcess;
}

export interface RunningService {
  readonly service: Service;
  /** Stops runs, which keep what is done, and ends the processes it has started. */
  close(): Promise<void>;
}

/** What is edited beside an open window shows in it so soon. */
const LOOK_AGAIN_MS = 1000;

/** Everything behind the contract, for either host. */
export function startService({ shell, uploads, ...options }: ServiceOptions): RunningService {
  const project = projectFolder();
  const scripts = join(project, 'out', 'main');
  const { emit, subscribe } = eventHub();
  const images = imageReader(join(scripts, 'image-process.js'), options.spawn);
  const runs = runReader(join(scripts, 'run-process.js'), options.spawn);
  const bench = new Bench({
    ...options,
    engineScript: join(scripts, 'engine.js'),
    onEngineState: (state, error, model) =>
      emit('engine.state', { state, error, ...(model === null ? {} : { model: parse(model).name }) }),
    onModelChanged: ({ id }) => emit('model.changed', { modelId: id }),
  });
  const thumbnails = new KeptThumbnails(options.dataFolder);
  const jobs = new RunJobs(bench, (job) => emit('run.changed', job));
  const kept = new KeptImages(options.dataFolder);
  const maps = new KeptMaps(options.dataFolder);
  // What a killed process left of a run that never began; a store that cannot be opened is told to whoever asks for it.
  void storeOf(bench)((store) => kept.sweep(store)).catch(() => undefined);
  void maps.sweep(new Set()).catch(() => undefined);
  const handlers = handlersOf({
    bench,
    jobs,
    images,
    runs,
    thumbnails,
    shelf: imageShelf(samplesFolder(), images),
    kept,
    maps,
    shell,
    uploads,
    emit,
  });
  const service = { handlers, emit, subscribe };
  warmUp(service);
  const looking = setInterval(() => bench.lookAgain(), LOOK_AGAIN_MS).unref();
  return {
    service,
    async close() {
      clearInterval(looking);
      images.close();
      runs.close();
      thumbnails.close();
      await jobs.close();
      bench.close();
    },
  };
}

/** Asks what every page asks first: the processes start, and the first model opens, while the page is still loading. */
function warmUp({ handlers }: Service): void {
  const work = { signal: new AbortController().signal, progress: () => undefined, note: () => undefined };
  // A failure is told to the page that asks.
  const asked = [
    async () => handlers['samples.list']({}, work),
    async () => handlers['models.list']({}, work),
    async () => {
      const { modelId } = await handlers['settings.get']({}, work);
      return handlers['models.open']({ modelId: modelId ?? DEFAULT_MODEL }, work);
    },
  ];
  for (const ask of asked) ask().catch(() => undefined);
}
