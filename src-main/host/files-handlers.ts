import { basename } from 'node:path';
import type { FileReference, FILES } from '../../src-shared/contract/files.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import type { NamedPath } from '../images/image-shelf.ts';
import { addModel } from '../work/add-model.ts';
import type { HandlersOf } from './conversation.ts';
import { modelSummary } from './models-handlers.ts';
import { completePath, typedPath } from './path-completion.ts';
import type { HostParts } from './host-parts.ts';

export function filesHandlers({ bench, shell, uploads, shelf }: HostParts): HandlersOf<typeof FILES> {
  const locate = located(uploads);
  return {
    'files.open': async ({ files }, work) => {
      const named = files.map(locate);
      const add = async (path: string) => {
        const { model } = await addModel(bench, { file: path }, work);
        return modelSummary(bench, model, await bench.opened(model, work));
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

/** Where a file lies that a page named. @throws FoveaError `not-allowed` for a file that was sent where none can be */
export function located(uploads: HostParts['uploads']): (file: FileReference) => NamedPath {
  return (file) => {
    if ('path' in file) {
      const path = typedPath(file.path);
      return { path, name: basename(path), ownPlace: false };
    }
    if (!uploads) throw new FoveaError('not-allowed', 'files are sent only to the browser host');
    return { path: uploads.pathOf(file.upload), name: file.upload.slice(file.upload.indexOf('/') + 1), ownPlace: true };
  };
}
