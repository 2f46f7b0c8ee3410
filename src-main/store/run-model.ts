import { createHash } from 'node:crypto';
import { canonicalJson, type ModelSettings } from '../../src-shared/runs/run-record.ts';
import type { CalibratedRanges } from '../engine/engine-protocol.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import type { NewRun } from './run-store.ts';

/** A model as a run stores it: its settings are what decides results beside the file. */
export function runModelOf(id: string, opened: OpenedModel, ranges: CalibratedRanges | null): NewRun['model'] {
  return {
    id,
    path: opened.path,
    sha256: opened.sha256,
    settings: { preprocessing: opened.preprocessing, outputKind: opened.outputKind, ranges },
    layers: opened.layers,
    labels: opened.labels,
  };
}

/** What tells settings apart: their digest, hexadecimal. */
export function settingsSha256(settings: ModelSettings): string {
  return createHash('sha256').update(canonicalJson(settings)).digest('hex');
}
