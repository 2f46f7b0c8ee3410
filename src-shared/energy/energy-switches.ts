/** At which width activations are stored and moved. */
export const STORAGES = ['unpacked', 'packed', 'shapeshifter'] as const;
/**
 * `unpacked`: the machine's word (16 bits of most). `packed`: the bits of the value's region (the Proteus idea). `shapeshifter`: the
 * width that a group of 16 channels really needs, and 4 bits that tell it (Delmas Lascorz et al., MICRO 2019).
 */
export type Storage = (typeof STORAGES)[number];

/** Where the weights of a network lie between two images. */
export const WEIGHT_PLACES = ['auto', 'resident', 'dram'] as const;
/** `auto`: resident where the chip has room for all of them, otherwise in DRAM; machines that have no choice keep to what they do. */
export type WeightPlace = (typeof WEIGHT_PLACES)[number];

/** What a lane without a value spends. */
export const IDLE_LANES = ['gated', 'powered'] as const;
/** `gated`: nothing, energy per action. `powered`: as much as one at work, power x time. */
export type IdleLanes = (typeof IDLE_LANES)[number];

/** What a user may switch in the pricing. */
export interface EnergySwitches {
  readonly storage: Storage;
  readonly weights: WeightPlace;
  readonly idleLanes: IdleLanes;
}

export const DEFAULT_SWITCHES: EnergySwitches = { storage: 'unpacked', weights: 'auto', idleLanes: 'gated' };
