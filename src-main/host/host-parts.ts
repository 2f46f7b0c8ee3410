import type { CommandId } from '../../src-shared/commands.ts';
import type { Choice } from '../../src-shared/contract/files.ts';
import type { EventName, EventOf } from '../../src-shared/contract/contract.ts';
import type { ImageReader, ImageShelf } from '../images/image-shelf.ts';
import type { Bench } from '../work/bench.ts';
import type { RunJobs } from '../work/run-jobs.ts';
import type { RunReader } from '../work/run-reader.ts';
import type { KeptThumbnails } from '../store/kept-thumbnails.ts';
import type { KeptImages } from '../store/kept-images.ts';
import type { KeptMaps } from '../store/kept-maps.ts';
import type { Uploads } from './uploads.ts';

/** What only a desktop shell can do. */
export interface Shell {
  choose(choice: Choice): Promise<readonly string[]>;
  /** The page listens: the paths it was not there to be told of. */
  pageReady(): readonly string[];
  /** Commands that are possible at the moment. */
  setCommands(enabled: readonly CommandId[]): void;
  /** These paths of the user's could be opened. */
  opened(paths: readonly string[]): void;
}

/** What handlers work with. */
export interface HostParts {
  readonly bench: Bench;
  readonly jobs: RunJobs;
  readonly shelf: ImageShelf;
  readonly images: ImageReader;
  readonly runs: RunReader;
  readonly thumbnails: KeptThumbnails;
  readonly kept: KeptImages;
  readonly maps: KeptMaps;
  /** The desktop shell; null in the browser host. */
  readonly shell: Shell | null;
  /** Tells every page. */
  readonly emit: <Name extends EventName>(event: Name, value: EventOf<Name>) => void;
  /** Where pages send files; null in the desktop shell. */
  readonly uploads: Uploads | null;
}
