import type { Analysis } from '../../src-shared/analysis.ts';
import { layerBitMap } from '../../src-shared/precision/bit-map.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import type { LayerCounts } from '../../src-shared/measurement.ts';
import type { Preprocessing } from '../../src-shared/preprocessing.ts';
import { writeOverlay, type Overlay } from './overlay.ts';

export type OverlayKind = 'importance' | 'levels' | 'bits';
const OVERLAY_KINDS: readonly OverlayKind[] = ['importance', 'levels', 'bits'];

/** A map of an analysis over its photo; `layer` is shown with kind `bits`. */
export function overlayOf(
  analysis: Analysis,
  preprocessing: Preprocessing,
  kind: OverlayKind,
  layer: LayerCounts,
): Overlay {
  const { importance, plan } = analysis;
  const [rows, columns] = importance.grid;
  const common = { photo: analysis.image.path, preprocessing };
  switch (kind) {
    case 'importance':
      return {
        ...common,
        grid: { rows, columns },
        values: importance.values,
        scale: { kind },
        title: `${importance.levelMaps ? 'Mean level over the layers' : 'Importance'}, ${importance.metric}`,
      };
    case 'levels':
      return {
        ...common,
        grid: { rows, columns },
        values: importance.levels,
        scale: { kind, levels: plan.bits.length },
        title: `Levels, ${importance.metric}`,
      };
    case 'bits': {
      const [, height, width] = layer.inputShape;
      return {
        ...common,
        grid: { rows: height, columns: width },
        values: layerBitMap(analysis, layer),
        scale: { kind },
        title: `Activation bits, ${layer.name}`,
      };
    }
  }
}

/**
 * The layer a user named, or the one with the most MACs.
 * @throws FoveaError `bad-argument`
 */
export function chosenLayer(layers: readonly LayerCounts[], name: string | null): LayerCounts {
  const chosen =
    name === null
      ? layers.reduce((most, layer) => (layer.macs > most.macs ? layer : most))
      : layers.find((layer) => layer.name === name);
  if (!chosen)
    throw new FoveaError('bad-argument', `${name} is no layer of this model`, 'fovea models inspect lists the layers.');
  return chosen;
}

/** Writes `<stem>-importance.png`, `<stem>-levels.png` and `<stem>-bits.png`. */
export async function writeOverlays(
  analysis: Analysis,
  preprocessing: Preprocessing,
  layer: LayerCounts,
  stem: string,
): Promise<void> {
  for (const kind of OVERLAY_KINDS)
    await writeOverlay(overlayOf(analysis, preprocessing, kind, layer), `${stem}-${kind}.png`);
}
