import { LEFT_OUT_BITS, leftOutPerMac } from './left-out.ts';
import type { LayerGeometry, LeftOutLayer } from './measurement.ts';

const LISTED = 3;

/**
 * `3 of 26 layers, 54 % of the MACs, are not quantised: up (ConvTranspose: a transposed convolution), …`, and what that means for energy;
 * null where nothing is left out.
 */
export function leftOutText(
  layers: readonly Pick<LayerGeometry, 'macs'>[],
  leftOut: readonly LeftOutLayer[],
): string | null {
  if (leftOut.length === 0) return null;
  const named = leftOut.slice(0, LISTED).map(({ name, op, why }) => `${name} (${op}: ${why})`);
  const more = leftOut.length > LISTED ? ` and ${leftOut.length - LISTED} more` : '';
  return (
    `${leftOut.length} of ${layers.length + leftOut.length} layers, ${shareText(layers, leftOut)} of the MACs, ` +
    `${leftOut.length === 1 ? 'is' : 'are'} not quantised: ${named.join('; ')}${more}. ` +
    (leftOutPerMac(layers, leftOut) === null
      ? 'Energy and savings are those of the other layers alone, not of the whole network.'
      : `Energy and savings are those of the whole network, with ${LEFT_OUT_BITS} bits for what is not quantised.`)
  );
}

/** Share of the network's MACs; those that are not known come on top. */
function shareText(layers: readonly Pick<LayerGeometry, 'macs'>[], leftOut: readonly LeftOutLayer[]): string {
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
  const known = leftOut.flatMap(({ macs }) => (macs === null ? [] : [macs]));
  if (known.length === 0) return 'an unknown share';
  const left = sum(known);
  const share = left / (left + sum(layers.map(({ macs }) => macs)));
  const percent = Math.min(99, Math.round(100 * share));
  if (known.length < leftOut.length) return `at least ${percent} %`;
  return share > 0.99 ? 'more than 99 %' : share > 0 && share < 0.01 ? 'less than 1 %' : `${percent} %`;
}
