import { type APP, NOTHING_REMEMBERED, settingsSchema } from '../../src-shared/contract/app.ts';
import { runsFile } from '../files/data-folder.ts';
import { jsonFile } from '../files/json-file.ts';
import { join } from 'node:path';
import type { HandlersOf } from './conversation.ts';
import type { HostParts } from './host-parts.ts';

export function appHandlers({ bench, shell }: HostParts): HandlersOf<typeof APP> {
  const settings = jsonFile(join(bench.dataFolder, 'settings.json'), settingsSchema, NOTHING_REMEMBERED);
  return {
    'app.info': () => ({
      version: bench.version,
      host: shell ? 'electron' : 'browser',
      platform: process.platform,
      ...(bench.db === runsFile(bench.dataFolder) ? {} : { db: bench.db }),
    }),
    'app.ready': () => ({ files: (shell?.pageReady() ?? []).map((path) => ({ path })) }),
    'app.commands': ({ enabled }) => {
      shell?.setCommands(enabled);
      return null;
    },
    'app.devices': (_, work) => bench.devices(work),
    'settings.get': () => settings.read(),
    'settings.set': async (value) => {
      await settings.write(value);
      return null;
    },
  };
}
