import type { ModelCard } from '../../src-shared/model-card.ts';
import { PUBLISHED_PIXELS } from '../../src-shared/preprocessing.ts';

/** A card for models of 16 x 16 pixels. */
export function smallCard(outputName: string, input: Partial<ModelCard['input']> = {}) {
  return {
    name: 'small',
    input: {
      name: 'image',
      layout: 'NCHW' as const,
      channels: 'RGB' as const,
      height: 16,
      width: 16,
      resizeShorterSide: 16,
      crop: 'centre' as const,
      ...PUBLISHED_PIXELS,
      range: [0, 1] as [number, number],
      mean: [0, 0, 0],
      std: [1, 1, 1],
      ...input,
    },
    output: { name: outputName, kind: 'probabilities' as const },
  };
}
