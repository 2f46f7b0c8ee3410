import type { ModelCard } from '../../src-shared/model-card.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';

/** How images are prepared for a model, as its card states it; without a card, as one would. */
export function cardInput({
  card,
  signature,
  preprocessing,
}: Pick<OpenedModel, 'card' | 'signature' | 'preprocessing'>): ModelCard['input'] {
  const { range, mean, std } = preprocessing;
  return (
    card?.input ?? {
      name: signature.inputName,
      ...preprocessing,
      range: [...range],
      mean: [...mean],
      std: [...std],
    }
  );
}
