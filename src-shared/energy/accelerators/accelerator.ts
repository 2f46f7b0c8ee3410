import { FoveaError } from '../../errors.ts';
import { invalidField } from '../../invalid-field.ts';
import { bitParallel } from './bit-parallel.ts';
import { isaac } from './isaac.ts';
import type { Machine } from './machine.ts';
import { acceleratorSchema, type Accelerator } from './parameters.ts';
import { pragmatic } from './pragmatic.ts';
import { stripes } from './stripes.ts';
import { tpu } from './tpu.ts';

const machines = new WeakMap<Accelerator, Machine>();

/** The formulas of an accelerator, its parameters filled in; worked out once per accelerator. */
export function machineOf(accelerator: Accelerator): Machine {
  let machine = machines.get(accelerator);
  if (!machine) machines.set(accelerator, (machine = build(accelerator)));
  return machine;
}

function build(accelerator: Accelerator): Machine {
  switch (accelerator.kind) {
    case 'bit-parallel':
      return bitParallel(accelerator.parameters);
    case 'stripes':
      return stripes(accelerator.parameters);
    case 'pragmatic':
      return pragmatic(accelerator.parameters);
    case 'isaac':
      return isaac(accelerator.parameters);
    case 'tpu':
      return tpu(accelerator.parameters);
  }
}

/**
 * Validates an accelerator read from a file.
 * @param origin the file, for the message
 * @throws FoveaError `accelerator-invalid` naming the field, what was expected and what was found
 */
export function parseAccelerator(value: unknown, origin: string): Accelerator {
  const parsed = acceleratorSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new FoveaError(
    'accelerator-invalid',
    `accelerator ${origin}: ${invalidField(parsed.error, value)}`,
    'Compare the file with one of resources/accelerators, or run fovea energy --explain stripes to see the fields.',
  );
}

/** The name with a warning wherever a figure of the accelerator is not confirmed. */
export function acceleratorLabel(accelerator: Accelerator): string {
  const unconfirmed = Object.values(accelerator.parameters).some((parameter) => parameter.flag === 'unconfirmed');
  return unconfirmed ? `${accelerator.name} (${UNCONFIRMED})` : accelerator.name;
}

/** Label of everything that rests on a figure not confirmed against its paper. */
export const UNCONFIRMED = 'example, unconfirmed';
