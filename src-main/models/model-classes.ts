import type { ModelClasses } from '../../src-shared/runs/class-names.ts';
import { readSynsets } from './model-card-file.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';

/** A model's classes with every name that labels of images may use. */
export async function modelClasses({ path, card, classes, labels }: OpenedModel): Promise<ModelClasses> {
  const synsets = card ? await readSynsets(path, card) : [];
  return {
    count: classes,
    labels,
    folders: card?.classFolders ?? [],
    ...(synsets.length > 0 ? { synsets } : {}),
  };
}
