import { z } from 'zod';
import presets from '../../resources/profiles.json' with { type: 'json' };
import { sourced } from '../energy/accelerators/parameters.ts';
import { FoveaError } from '../errors.ts';
import type { LayerCounts, LayerGeometry } from '../measurement.ts';
import type { NetworkLayer, OneBitShare } from '../energy/network-description.ts';
import { uniformCounts } from '../uniform-counts.ts';
import { MAX_BITS } from './precision-plan.ts';

const presetSchema = z.strictObject({
  id: z.string(),
  /** The network it was published for. */
  network: z.string(),
  /** Accuracy kept, of that of the plain network; 0..1. */
  relativeAccuracy: z.number().min(0).max(1),
  bits: z.string(),
  ...sourced,
});
export type ProfilePreset = z.infer<typeof presetSchema>;

/** Bits of layers, groups of layers or convolutions, in order. */
export interface PrecisionProfile {
  readonly bits: readonly number[];
  /** The published profile it is, or null when the user wrote it. */
  readonly preset: ProfilePreset | null;
}

let parsedPresets: readonly ProfilePreset[] | undefined;

/** The published profiles of resources/profiles.json. */
export function profilePresets(): readonly ProfilePreset[] {
  return (parsedPresets ??= z.array(presetSchema).parse(presets));
}

/**
 * Reads `12-12-11-9`, or the id of a published profile.
 * @throws FoveaError `bad-argument`
 */
export function parseProfile(text: string): PrecisionProfile {
  const preset = profilePresets().find(({ id }) => id === text.toLowerCase()) ?? null;
  const bits = (preset?.bits ?? text).split('-').map((part) => (/^\d{1,2}$/.test(part) ? Number(part) : NaN));
  if (bits.every((width) => width <= MAX_BITS)) return { bits, preset };
  throw new FoveaError(
    'bad-argument',
    `profile "${text}" is neither bit widths of 0 to ${MAX_BITS} joined by hyphens nor a published profile`,
    `Write it like 9-8-5-5-7, or choose one of ${profilePresets()
      .map(({ id }) => id)
      .join(', ')}.`,
  );
}

/**
 * Bits of every layer under a profile. Its length says what its entries are: all layers, the convolutions, or the network's
 * groups of convolutions (GoogLeNet: a module has one entry); layers it does not reach keep `otherBits`.
 * @throws FoveaError `profile-wrong-length` with the lengths that fit
 */
export function profileBits(
  layers: readonly NetworkLayer[],
  profile: readonly number[],
  otherBits: number = MAX_BITS,
): number[] {
  const convolutions = layers.filter(({ op }) => op === 'Conv');
  const groups = [...new Set(convolutions.map(groupOf))];
  if (profile.length === layers.length) return [...profile];
  if (profile.length === convolutions.length)
    return layers.map((layer) => profile[convolutions.indexOf(layer)] ?? otherBits);
  if (profile.length === groups.length)
    return layers.map((layer) => (layer.op === 'Conv' ? profile[groups.indexOf(groupOf(layer))]! : otherBits));
  const fitting = [
    `${layers.length} (all layers)`,
    `${convolutions.length} (convolutions)`,
    ...(groups.length < convolutions.length ? [`${groups.length} (groups of convolutions)`] : []),
  ];
  throw new FoveaError(
    'profile-wrong-length',
    `the profile has ${profile.length} bit widths; expected ${fitting.join(' or ')}`,
    'Give one width for each layer in the order of fovea energy without a profile.',
  );
}

function groupOf(layer: NetworkLayer): string {
  return layer.profileGroup ?? layer.name;
}

/**
 * The counts of a network whose layers have one width each. One-bits are known only where a paper gives their mean share; how they
 * fall on a pallet's lanes is never known without activations. Groups are taken to need all their bits, an upper bound.
 * @param bits one width for each layer, 0..16
 */
export function countsAtBits(
  layers: readonly LayerGeometry[],
  bits: readonly number[],
  oneBitShares: readonly OneBitShare[] = [],
): LayerCounts[] {
  const oneBits = (width: number) => {
    const share = oneBitShares.find((known) => known.bits === width);
    return share ? share.value * width : null;
  };
  return layers.map((layer, k) => ({
    ...uniformCounts(layer, bits[k]!),
    nonZeroBits: oneBits(bits[k]!),
    nonZeroBitsAt8: oneBits(8),
    groupBits: bits[k]!,
    palletBits: bits[k]!,
    compactedPalletBits: bits[k]!,
    groupBitsAt8: 8,
    palletBitsAt8: 8,
  }));
}
