import type { OpenedModel } from './inside/opened-model.ts';

/** What of a model decides its answers. */
export type AnsweringModel = Pick<OpenedModel, 'sha256' | 'preprocessing' | 'outputKind'>;

export function answeringModel({ sha256, preprocessing, outputKind }: OpenedModel): AnsweringModel {
  return { sha256, preprocessing, outputKind };
}
