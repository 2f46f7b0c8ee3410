import { FoveaError } from '../../errors.ts';
import { invalidField } from '../../invalid-field.ts';
import { bitParallel, serial } from './dadiannao-chip.ts';
import { isaac } from './isaac.ts';
import type { Machine } from './machine.ts';
import { acceleratorSchema, type Accelerator, type Flag } from './parameters.ts';
import { perAction } from './per-action.ts';
import { tpu, unpu } from './whole-die.ts';

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
    case 'serial':
      return serial(accelerator.parameters);
    case 'isaac':
      return isaac(accelerator.parameters);
    case 'tpu':
      return tpu(accelerator.parameters);
    case 'unpu':
      return unpu(accelerator.parameters);
    case 'per-action':
      return perAction(accelerator.parameters);
  }
}

const corners = new WeakMap<Accelerator, readonly Machine[]>();

/**
 * The machine at every combination of the ends of those parameters that are printed as ranges; empty where none is. A share of two
 * energies, both rising with each of them, has its extremes there.
 */
export function cornersOf(accelerator: Accelerator): readonly Machine[] {
  let found = corners.get(accelerator);
  if (!found) {
    let combinations = [accelerator];
    for (const [name, parameter] of Object.entries(accelerator.parameters)) {
      const ends = 'range' in parameter ? (parameter.range ?? []) : [];
      if (ends.length > 0)
        combinations = combinations.flatMap((combination) =>
          ends.map((value: number) => withParameter(combination, name, { ...parameter, value })),
        );
    }
    corners.set(accelerator, (found = combinations.length === 1 ? [] : combinations.map(build)));
  }
  return found;
}

function withParameter(accelerator: Accelerator, name: string, parameter: unknown): Accelerator {
  // An end of a range keeps to the rule of its value.
  return { ...accelerator, parameters: { ...accelerator.parameters, [name]: parameter } } as Accelerator;
}

/** A published figure beside what the parameters give. */
export interface SelfCheck {
  readonly figure: string;
  readonly formula: string;
  readonly computed: number;
  readonly published: number;
  readonly range: readonly [number, number] | null;
  readonly unit: string;
  readonly holds: boolean;
  readonly source: string;
  readonly flag: Flag;
}

/** The published figures that a file holds against its own parameters; a figure the machine does not have never holds. */
export function selfChecks(accelerator: Accelerator): SelfCheck[] {
  const { figures } = machineOf(accelerator);
  return accelerator.checks.map(({ figure, value, range, tolerance, source, flag }) => {
    const found = figures.find(({ name }) => name === figure);
    const computed = found?.value ?? NaN;
    const [low, high] = range ?? [value, value];
    return {
      figure,
      formula: found?.formula ?? 'no such figure',
      computed,
      published: value,
      range: range ?? null,
      unit: found?.unit ?? '',
      holds: computed >= low * (1 - tolerance) && computed <= high * (1 + tolerance),
      source,
      flag,
    };
  });
}

/**
 * Validates an accelerator read from a file, and holds its parameters against its published figures.
 * @param origin the file, for the message
 * @throws FoveaError `accelerator-invalid` naming the field, what was expected and what was found
 */
export function parseAccelerator(value: unknown, origin: string): Accelerator {
  const parsed = acceleratorSchema().safeParse(value);
  if (!parsed.success)
    throw new FoveaError(
      'accelerator-invalid',
      `accelerator ${origin}: ${invalidField(parsed.error, value)}`,
      'Compare the file with one of resources/accelerators, or run fovea energy --explain stripes to see the fields.',
    );
  const checks = selfChecks(parsed.data);
  const wrong = checks.findIndex(({ holds }) => !holds);
  if (wrong < 0) return parsed.data;
  const { figure, formula, computed, published, unit } = checks[wrong]!;
  throw new FoveaError(
    'accelerator-invalid',
    `accelerator ${origin}: field checks[${wrong}]: "${figure}" (${formula}) comes to ` +
      `${Number(computed.toPrecision(4))} ${unit} from the parameters, published is ${published} ${unit}`,
    'Mend the parameter; of a machine of your own, write your own figures into its checks.',
  );
}

/** The name with a warning wherever a figure of the accelerator is not confirmed. */
export function acceleratorLabel(accelerator: Accelerator): string {
  const unconfirmed = Object.values(accelerator.parameters).some((parameter) => parameter.flag === 'unconfirmed');
  return unconfirmed ? `${accelerator.name} (${UNCONFIRMED})` : accelerator.name;
}

/** Label of everything that rests on a figure not confirmed against its paper. */
export const UNCONFIRMED = 'example, unconfirmed';
