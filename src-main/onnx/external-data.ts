import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import type { ModelFile } from './model-file.ts';
import { encodeTensor } from './onnx-tensor.ts';
import type { OnnxInitializer, OnnxModel } from './onnx-schema.ts';

/** Protobuf's limit; larger models cannot be one file. */
const MAX_FILE_BYTES = 2 ** 31 - 1;

/**
 * The model with the weights of other files inside.
 * @throws FoveaError `model-unsupported` when that would be more than an ONNX file can hold
 */
export function withWeightsInside(file: ModelFile, model: OnnxModel): OnnxModel {
  const folder = dirname(file.path);
  const bytes = file.externalFiles.reduce((sum, name) => sum + statSync(join(folder, name)).size, file.bytes);
  if (bytes > MAX_FILE_BYTES)
    throw new FoveaError(
      'model-unsupported',
      `${file.path}: ${bytes} bytes of weights do not fit one ONNX file, which holds 2 GiB`,
      'Use a smaller model.',
    );
  return { ...model, initializers: model.initializers.map((tensor) => withDataInside(folder, tensor)) };
}

function withDataInside(folder: string, tensor: OnnxInitializer): OnnxInitializer {
  const { external, name, dims, dataType } = tensor;
  if (!external) return tensor;
  const path = join(folder, external['location']!);
  const offset = Number(external['offset'] ?? 0);
  const raw = readRange(path, offset, Number(external['length'] ?? statSync(path).size - offset));
  return { ...tensor, external: null, replacement: encodeTensor(name, dims, dataType, raw) };
}

function readRange(path: string, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const file = openSync(path, 'r');
  try {
    for (let at = 0; at < length;) {
      const read = readSync(file, bytes, at, length - at, offset + at);
      if (read === 0)
        throw new FoveaError(
          'model-external-data-missing',
          `${path}: shorter than the model says`,
          'Download it again.',
        );
      at += read;
    }
  } finally {
    closeSync(file);
  }
  return bytes;
}
