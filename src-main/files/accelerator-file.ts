import { parseAccelerator } from '../../src-shared/energy/accelerators/accelerator.ts';
import { builtinAccelerator, builtinAccelerators } from '../../src-shared/energy/accelerators/builtin.ts';
import type { Accelerator } from '../../src-shared/energy/accelerators/parameters.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { parseJsonText } from './json-text.ts';
import { readSmallFile } from './small-file.ts';

/** Far more than the longest description takes. */
const MAX_BYTES = 1 << 20;

/**
 * The accelerators a user named; all that come with Fovea when none is.
 * @param references ids, names, or JSON files (recognised by their ending or a folder in the name)
 * @throws FoveaError `accelerator-unknown`, `accelerator-invalid`
 */
export async function resolveAccelerators(references: readonly string[] = []): Promise<readonly Accelerator[]> {
  if (references.length === 0) return builtinAccelerators();
  const accelerators: Accelerator[] = [];
  for (const reference of references) {
    const accelerator = isFile(reference) ? await readAccelerator(reference) : builtinAccelerator(reference);
    if (accelerators.some(({ id }) => id === accelerator.id))
      throw new FoveaError(
        'accelerator-invalid',
        `accelerator ${reference}: another accelerator with the id "${accelerator.id}" is named too`,
        'Give the copy an id of its own: results are told apart by it.',
      );
    accelerators.push(accelerator);
  }
  return accelerators;
}

/**
 * Reads an accelerator from a JSON file of the user.
 * @throws FoveaError `accelerator-invalid` naming the file and the field
 */
export async function readAccelerator(path: string): Promise<Accelerator> {
  let bytes: Buffer;
  try {
    bytes = await readSmallFile(path, MAX_BYTES);
  } catch (error) {
    throw invalid(path, `it cannot be read (${messageOf(error)})`, 'Check the path.', error);
  }
  let value: unknown;
  try {
    value = parseJsonText(bytes.toString('utf8'));
  } catch (error) {
    throw invalid(
      path,
      `it is not JSON (${messageOf(error)})`,
      'Start from a copy of one of resources/accelerators.',
      error,
    );
  }
  return parseAccelerator(value, path);
}

function isFile(reference: string): boolean {
  return /\.json$|[\\/]/i.test(reference);
}

function invalid(path: string, fault: string, next: string, cause?: unknown): FoveaError {
  return new FoveaError('accelerator-invalid', `accelerator ${path}: ${fault}`, next, { cause });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
