import bitFusion from '../../../resources/accelerators/bit-fusion.json' with { type: 'json' };
import dadiannao from '../../../resources/accelerators/dadiannao.json' with { type: 'json' };
import drq from '../../../resources/accelerators/drq.json' with { type: 'json' };
import dynamicStripes from '../../../resources/accelerators/dynamic-stripes.json' with { type: 'json' };
import eyeriss from '../../../resources/accelerators/eyeriss.json' with { type: 'json' };
import isaac from '../../../resources/accelerators/isaac.json' with { type: 'json' };
import laconic from '../../../resources/accelerators/laconic.json' with { type: 'json' };
import loom from '../../../resources/accelerators/loom.json' with { type: 'json' };
import pragmatic from '../../../resources/accelerators/pragmatic.json' with { type: 'json' };
import stripes from '../../../resources/accelerators/stripes.json' with { type: 'json' };
import tpu from '../../../resources/accelerators/tpu-v1.json' with { type: 'json' };
import unpu from '../../../resources/accelerators/unpu.json' with { type: 'json' };
import { FoveaError } from '../../errors.ts';
import type { Accelerator } from './parameters.ts';

const FILES: readonly unknown[] = [
  dadiannao,
  stripes,
  dynamicStripes,
  pragmatic,
  loom,
  laconic,
  bitFusion,
  drq,
  isaac,
  unpu,
  eyeriss,
  tpu,
];

/**
 * The accelerators that come with Fovea, the 16-bit bit-parallel baseline first. That they are whole, and keep to their published figures, a
 * test holds: to find it out anew would take longer than all estimates of an image.
 */
export function builtinAccelerators(): readonly Accelerator[] {
  return FILES as readonly Accelerator[];
}

/** DaDianNao, to which every estimate is compared. */
export function bitParallelBaseline(): Accelerator {
  return builtinAccelerators()[0]!;
}

/**
 * @param name id or name, in any case
 * @throws FoveaError `accelerator-unknown` listing the valid ones
 */
export function builtinAccelerator(name: string): Accelerator {
  const wanted = name.toLowerCase();
  const found = builtinAccelerators().find(({ id, name }) => id === wanted || name.toLowerCase() === wanted);
  if (found) return found;
  throw new FoveaError(
    'accelerator-unknown',
    `there is no accelerator "${name}"`,
    `Choose one of ${builtinAccelerators()
      .map(({ id }) => id)
      .join(', ')}, or name a JSON file.`,
  );
}
