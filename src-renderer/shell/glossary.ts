import { type EnergyMode, MODE_MEANINGS } from '../../src-shared/energy/energy-mode.ts';

const WORDS = {
  'Activation bits': 'Bits of the numbers that flow into a layer. Weights keep theirs.',
  Importance: 'How much a region matters, 0 to 1, told from the image alone: edges, texture, corners, the middle.',
  Level: 'Regions of like importance; each level has bits of its own. Level 0 is the least important.',
  Crop: 'A level of 0 bits: its values are zero, and cost nothing where the machine can skip them.',
  'Plain 8 bits': 'The same network and machine with 8 bits everywhere: what savings are measured against.',
  Uniform: 'The same bits in every region and layer: no map at work.',
  'Random, inverse, centre': 'Controls: the same plan with a map that knows nothing, the opposite, or only the middle.',
  Range: 'What the largest code stands for: one for a layer, from calibration, or one for each position.',
  ideal: `${MODE_MEANINGS.ideal}.`,
  compacted: `${MODE_MEANINGS.compacted}.`,
  'lock-step': `${MODE_MEANINGS.lockstep}.`,
  'Stripes, Loom, …':
    'Bit-serial accelerators: time and energy follow the bits. † marks figures not confirmed in print.',
  'Compute, chip': 'Energy of the arithmetic alone, and of the whole chip with buffers, memory and the map’s own data.',
  MACs: 'Multiplications with their additions.',
  SQNR: 'Signal to quantisation noise, in decibels: 6 dB are about one bit.',
  'Top-5': 'The five classes the network holds most likely.',
} as const;
export type Term = keyof typeof WORDS;

/** The ways of counting energy, by their names. */
export const MODE_TERMS: Readonly<Record<EnergyMode, Term>> = {
  ideal: 'ideal',
  compacted: 'compacted',
  lockstep: 'lock-step',
};

/** What the words of the window mean: as `?` tells all of them, and each where it stands. */
export const GLOSSARY: Readonly<Record<Term, string>> = WORDS;
