import { createHash } from 'node:crypto';
import { canonicalJson } from '../src-shared/run-record.ts';
import type { CalibratedRanges } from './engine-protocol.ts';
import type { OpenedModel } from './opened-model.ts';
import type { NewRun } from './run-store.ts';

/** A model as a run stores it: what decides results beside the file is in its settings' digest. */
export function runModelOf(id: string, opened: OpenedModel, ranges: CalibratedRanges | null): NewRun['model'] {
  const settings = { preprocessing: opened.preprocessing, outputKind: opened.outputKind, ranges };
  return {
    id,
    path: opened.path,
    sha256: opened.sha256,
    settingsSha256: createHash('sha256').update(canonicalJson(settings)).digest('hex'),
    layers: opened.layers,
    labels: opened.labels,
  };
}
