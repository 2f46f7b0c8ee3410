import type { FILES } from '../../src-shared/contract/files.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { addModel } from '../work/add-model.ts';
import type { HandlersOf } from './conversation.ts';
import { located } from './located.ts';
import { modelSummary } from './models-handlers.ts';
import { completePath } from './path-completion.ts';
import type { HostParts } from './host-parts.ts';

export function filesHandlers({ bench, shell, uploads, shelf }: HostParts): HandlersOf<typeof FILES> {
  const locate = located(uploads);
  return {
    'files.open': async ({ files }, work) => {
      const named = files.map(locate);
      const add = async (path: string) => {
        const { model } = await addModel(bench, { file: path }, work);
        return modelSummary(bench, model, await bench.known(model, work));
      };
      const opened = await shelf.open(named, add, work);
      const failed = new Set(opened.failed.map(({ name }) => name));
      shell?.opened(named.filter(({ name }) => !failed.has(name)).map(({ path }) => path));
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
  };
}
