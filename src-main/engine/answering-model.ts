import { canonicalJson } from '../../src-shared/runs/run-record.ts';
import type { OpenedModel } from './inside/opened-model.ts';

/** What of a model decides its answers. */
export type AnsweringModel = Pick<OpenedModel, 'sha256' | 'preprocessing' | 'outputKind'>;

export function answeringModel({ sha256, preprocessing, outputKind }: OpenedModel | AnsweringModel): AnsweringModel {
  return { sha256, preprocessing, outputKind };
}

/** Whether two give one image the same answer. */
export function answersAlike(one: AnsweringModel, other: AnsweringModel): boolean {
  return canonicalJson(answeringModel(one)) === canonicalJson(answeringModel(other));
}
