import type { InputOf } from '../../src-shared/contract/contract.ts';
import type { FileReference } from '../../src-shared/contract/files.ts';
import type { FolderCheck } from '../../src-shared/contract/runs.ts';
import { DEFAULT_DEVICE, type Device, type DeviceState } from '../../src-shared/device.ts';
import { toErrorRecord, type ErrorRecord } from '../../src-shared/errors.ts';
import { usesMaps } from '../../src-shared/precision/metrics.ts';
import type { Client } from '../link/client.ts';
import { DEFAULT_GRID, gridSize, MAX_PLANS, plansOf, type PlanGrid } from './plan-grid.ts';

/** What is to be evaluated: a folder, its labels, plans. What the folder holds is looked up as it is chosen. */
export class SetUp {
  folder = $state.raw<FileReference | null>(null);
  /** A label file, `none` or `folders`; null: what is found. */
  labels = $state<string | null>(null);
  grid = $state.raw<PlanGrid>(DEFAULT_GRID);
  /** A folder with the maps of metric `given`; null: beside the photos. */
  maps = $state.raw<FileReference | null>(null);
  /** Null: as many as cores and memory allow. */
  workers = $state<number | null>(null);
  device = $state<Device>(DEFAULT_DEVICE);
  #devices = $state.raw<readonly DeviceState[]>([{ device: DEFAULT_DEVICE, missing: null }]);
  #askedForDevices = false;
  #check = $state.raw<FolderCheck | null>(null);
  #failure = $state.raw<ErrorRecord | null>(null);
  checking = $state(false);
  readonly #client: Client;

  /** Whether any plan takes importance maps. */
  readonly takesMaps = $derived(this.grid.metrics.some((metric) => usesMaps({ metric })));
  readonly size = $derived(gridSize(this.grid));
  /** Null where a grid is too large to be made. */
  readonly plans = $derived(this.size > MAX_PLANS ? null : plansOf(this.grid));
  readonly count = $derived(
    this.plans ? this.plans.own.length + this.plans.uniform.length + this.plans.controls.length : this.size,
  );

  constructor(client: Client) {
    this.#client = client;
  }

  /** What networks can run on; the CPU alone until the machine has told of more. */
  get devices(): readonly DeviceState[] {
    return this.#devices;
  }

  get check(): FolderCheck | null {
    return this.#check;
  }

  get failure(): ErrorRecord | null {
    return this.#failure;
  }

  /** What the user reads of the folder: a path, or the name of what was sent. */
  get folderText(): string {
    return textOf(this.folder);
  }

  /** The same of the folder of maps. */
  get mapsText(): string {
    return textOf(this.maps);
  }

  /** About what all plans take; null while the folder is not known. */
  get estimate(): { readonly seconds: number; readonly bytes: number } | null {
    if (!this.#check) return null;
    const { images, secondsPerAnswer, bytesPerAnswer, workers } = this.#check;
    return {
      seconds: (images * (this.count + 1) * secondsPerAnswer) / (this.workers ?? workers),
      bytes: images * (this.count + 1) * bytesPerAnswer,
    };
  }

  /** Looks at the folder anew whenever folder, labels or model change, for as long as the component that calls it lives. */
  follow(modelId: () => string | undefined): void {
    $effect(() => {
      const { folder, labels } = this;
      const maps = this.takesMaps ? (this.maps ?? 'beside') : null;
      const model = modelId();
      this.#check = null;
      this.#failure = null;
      this.checking = false;
      if (!folder || model === undefined) return;
      const abort = new AbortController();
      this.checking = true;
      this.#client
        .call(
          'runs.check',
          { folder, labels, modelId: model, ...(maps === null ? {} : { maps }) },
          { signal: abort.signal },
        )
        .then((check) => (this.#check = check))
        .catch((thrown: unknown) => {
          if (!abort.signal.aborted) this.#failure = toErrorRecord(thrown);
        })
        .finally(() => {
          if (!abort.signal.aborted) this.checking = false;
        });
      return () => abort.abort();
    });
  }

  /** Asks once what networks can run on. Where that cannot be told there is the CPU. */
  async findDevices(): Promise<void> {
    if (this.#askedForDevices) return;
    this.#askedForDevices = true;
    try {
      this.#devices = await this.#client.call('app.devices', {});
    } catch {
      // The CPU is there whatever went wrong.
    }
  }

  /** What is ordered; null while something is missing. */
  order(modelId: string): InputOf<'runs.start'> | null {
    const { folder, labels, plans, workers, device, maps } = this;
    if (!folder || !plans || !this.#check || this.count === 0) return null;
    return {
      name: this.folderText.split('/').filter(Boolean).at(-1) ?? 'folder',
      images: { folder, labels, ...(this.takesMaps && maps ? { maps } : {}) },
      modelId,
      // Uniform widths first: what all others are held against is known with them.
      plans: [...plans.uniform, ...plans.own, ...plans.controls],
      ...(workers === null ? {} : { workers }),
      ...(device === DEFAULT_DEVICE ? {} : { device }),
    };
  }
}

function textOf(folder: FileReference | null): string {
  if (!folder) return '';
  return 'path' in folder ? folder.path : folder.upload.slice(folder.upload.indexOf('/') + 1);
}
