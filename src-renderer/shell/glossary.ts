import { ENERGY_MODES, MODE_MEANINGS, MODE_NAMES } from '../../src-shared/energy/energy-mode.ts';

/** What the words of the window mean, as `?` tells it. */
export const GLOSSARY: readonly (readonly [term: string, meaning: string])[] = [
  ['Activation bits', 'Bits of the numbers that flow into a layer. Weights keep theirs.'],
  ['Importance', 'How much a region matters, 0 to 1, told from the image alone: edges, texture, corners, the middle.'],
  ['Level', 'Regions of like importance; each level has bits of its own. Level 0 is the least important.'],
  ['Crop', 'A level of 0 bits: its values are zero, and cost nothing where the machine can skip them.'],
  ['Plain 8 bits', 'The same network and machine with 8 bits everywhere: what savings are measured against.'],
  ['Uniform', 'The same bits in every region and layer: no map at work.'],
  [
    'Random, inverse, centre',
    'Controls: the same plan with a map that knows nothing, the opposite, or only the middle.',
  ],
  ['Range', 'What the largest code stands for: one for a layer, from calibration, or one for each position.'],
  ...ENERGY_MODES.map((mode) => [MODE_NAMES[mode], `${MODE_MEANINGS[mode]}.`] as const),
  [
    'Stripes, Loom, …',
    'Bit-serial accelerators: time and energy follow the bits. † marks figures not confirmed in print.',
  ],
  [
    'Compute, chip',
    'Energy of the arithmetic alone, and of the whole chip with buffers, memory and the map’s own data.',
  ],
  ['MACs', 'Multiplications with their additions.'],
  ['SQNR', 'Signal to quantisation noise, in decibels: 6 dB are about one bit.'],
  ['Top-5', 'The five classes the network holds most likely.'],
];
