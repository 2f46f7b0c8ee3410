import { basename } from 'node:path';
import type { FileReference } from '../../src-shared/contract/files.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import type { NamedPath } from '../images/image-shelf.ts';
import type { HostParts } from './host-parts.ts';
import { typedPath } from './path-completion.ts';

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
