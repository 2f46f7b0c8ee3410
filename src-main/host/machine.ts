import { join } from 'node:path';
import { imageReader } from '../images/image-reader.ts';
import { createLaboratory } from './laboratory.ts';
import { DEFAULT_MODEL } from '../models/model-library.ts';
import type { SpawnProcess } from '../engine/process-port.ts';
import { projectFolder, unpacked } from '../files/project-folder.ts';
import { createService, type Service, type ServiceOptions } from './service.ts';

export interface MachineOptions extends Pick<ServiceOptions, 'version' | 'dataFolder' | 'shell' | 'uploads'> {
  /** Node's way to start a process, or Electron's. */
  readonly spawn: SpawnProcess;
}

export interface Machine {
  readonly service: Service;
  /** Ends the processes it has started. */
  close(): Promise<void>;
}

/** Everything behind the contract, for either host. */
export function startMachine(options: MachineOptions): Machine {
  const project = projectFolder();
  const scripts = join(project, 'out', 'main');
  const images = imageReader(join(scripts, 'image-process.js'), options.spawn);
  const laboratory = createLaboratory({ ...options, engineScript: join(scripts, 'engine.js') });
  const samplesFolder = unpacked(join(project, 'resources', 'samples'));
  const service = createService({ ...options, samplesFolder, laboratory, images });
  warmUp(service);
  return {
    service,
    async close() {
      images.close();
      await laboratory.close();
    },
  };
}

/** Asks what every page asks first: the processes start, and the first model opens, while the page is still loading. */
function warmUp({ handlers }: Service): void {
  const context = { signal: new AbortController().signal, progress: () => undefined };
  // A failure is told to the page that asks.
  const asked = [
    async () => handlers['samples.list']({}, context),
    async () => handlers['models.list']({}, context),
    async () => {
      const { modelId } = await handlers['settings.get']({}, context);
      return handlers['models.open']({ modelId: modelId ?? DEFAULT_MODEL }, context);
    },
  ];
  for (const ask of asked) ask().catch(() => undefined);
}
