import { dialog, type BrowserWindow, type OpenDialogOptions } from 'electron';
import { IMAGE_EXTENSIONS, MAP_EXTENSIONS } from '../../src-shared/contract/files.ts';
import type { ApplicationMenu } from './menu.ts';
import type { OpenQueue } from './open-queue.ts';
import type { RecentFiles } from './recent-files.ts';
import type { Shell } from '../host/host-parts.ts';

const IMAGES = { name: 'Images', extensions: IMAGE_EXTENSIONS.map((extension) => extension.slice(1)) };
const MODELS = { name: 'ONNX models', extensions: ['onnx'] };
const MAPS = { name: 'Importance maps', extensions: MAP_EXTENSIONS.map((extension) => extension.slice(1)) };
const ALL = { name: 'Images and models', extensions: [...IMAGES.extensions, ...MODELS.extensions] };

const DIALOGS: Readonly<Record<Parameters<Shell['choose']>[0], OpenDialogOptions>> = {
  images: { title: 'Open images or a model', properties: ['openFile', 'multiSelections'], filters: [ALL, IMAGES] },
  folder: { title: 'Open a folder of images', properties: ['openDirectory', 'multiSelections'] },
  model: { title: 'Open a model', properties: ['openFile'], filters: [MODELS] },
  map: { title: 'Choose an importance map', properties: ['openFile'], filters: [MAPS] },
  maps: { title: 'Choose a folder of importance maps', properties: ['openDirectory'] },
};

export interface ShellParts {
  readonly queue: OpenQueue;
  readonly menu: ApplicationMenu;
  readonly recentFiles: RecentFiles;
  window(): BrowserWindow | null;
}

/** What the service may ask of the desktop. */
export function desktopShell({ queue, menu, recentFiles, window }: ShellParts): Shell {
  return {
    async choose(choice) {
      const parent = window();
      const options = DIALOGS[choice];
      const { filePaths } = await (parent ? dialog.showOpenDialog(parent, options) : dialog.showOpenDialog(options));
      return filePaths;
    },
    pageReady: () => queue.pageReady(),
    setCommands: (enabled) => menu.show({ enabled: new Set(enabled) }),
    opened: (paths) => recentFiles.add(paths),
  };
}
