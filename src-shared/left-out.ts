import type { LayerGeometry, LeftOutLayer } from './measurement.ts';

/** Bits of what is not quantised, under a plan as in the network it is compared with. */
export const LEFT_OUT_BITS = 8;

type Macs = readonly Pick<LayerGeometry, 'macs'>[];

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);

/**
 * MACs of what is left out for each MAC of the layers: with it, figures of the layers become those of the whole network. Null where
 * the MACs of some part are not known: then no figure is the network's.
 */
export function leftOutPerMac(layers: Macs, leftOut: readonly LeftOutLayer[]): number | null {
  const known = leftOut.flatMap(({ macs }) => (macs === null ? [] : [macs]));
  return known.length < leftOut.length ? null : sum(known) / sum(layers.map(({ macs }) => macs));
}

/** MAC-weighted bits of the layers as those of the whole network, where that can be told: the rest has its 8 bits. */
export function bitsOfNetwork(bits: number, layers: Macs, leftOut: readonly LeftOutLayer[]): number {
  const more = leftOutPerMac(layers, leftOut) ?? 0;
  return more === 0 ? bits : (bits + LEFT_OUT_BITS * more) / (1 + more);
}
