import { closeSync, mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { bytesSource, openFileSource } from '../../../src-main/onnx/byte-source.ts';
import { fileChunks, openModelFile, sessionBytes, type ModelFile } from '../../../src-main/onnx/model-file.ts';
import { layersOf } from '../../../src-main/network/graph-layers.ts';
import { makeNode } from '../../../src-main/onnx/onnx-node.ts';
import { readModel, serialiseModel } from '../../../src-main/onnx/onnx-file.ts';
import { concatBytes, encodeBytes, encodeNumber, encodeString, fields } from '../../../src-main/onnx/protobuf-wire.ts';
import { FoveaError } from '../../../src-shared/errors.ts';
import { randomGenerator } from '../../../src-shared/importance/random.ts';
import { ModelBuilder, randomNetwork, smallClassifier, STYLES, writeModel, type BuiltModel } from './onnx-models.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** Every field of a message, and of the messages it holds at `paths`, as text that can be sorted and compared. */
function flattened(bytes: Uint8Array, graphField: number): string[] {
  const source = bytesSource(bytes);
  return [...fields(source)]
    .flatMap((field) => {
      const whole = bytes.slice(field.start, field.end);
      if (field.number !== graphField) return [Buffer.from(whole).toString('base64')];
      const graph = bytes.slice(field.payload, field.end);
      return [...fields(bytesSource(graph))].map(
        (part) => `graph ${Buffer.from(graph.slice(part.start, part.end)).toString('base64')}`,
      );
    })
    .sort();
}

function joined(source: Uint8Array, chunks: ReturnType<typeof serialiseModel>): Uint8Array {
  return concatBytes(
    chunks.map((chunk) =>
      chunk instanceof Uint8Array ? chunk : source.slice(chunk.offset, chunk.offset + chunk.length),
    ),
  );
}

/** Fields a future version of the format may bring, in model and graph. */
function withUnknownFields(bytes: Uint8Array): Uint8Array {
  const parts = [...fields(bytesSource(bytes))].map((field) =>
    field.number === 7
      ? encodeBytes(
          7,
          concatBytes([
            bytes.slice(field.payload, field.end),
            encodeString(999, 'future graph'),
            encodeNumber(998, 12),
          ]),
        )
      : bytes.slice(field.start, field.end),
  );
  return concatBytes([encodeString(777, 'future model'), ...parts, encodeNumber(778, 2 ** 40)]);
}

test.each(STYLES.map((style) => [JSON.stringify(style), style] as const))(
  'reading and writing keeps every field: %s',
  (_, style) => {
    for (let seed = 0; seed < 10; seed++) {
      const bytes = withUnknownFields(randomNetwork(seed, style).bytes);
      const written = joined(bytes, serialiseModel(readModel(bytesSource(bytes)), null));
      expect(flattened(written, 7)).toEqual(flattened(bytes, 7));
    }
  },
);

test('a session is given references to the weights, not copies', () => {
  const b = new ModelBuilder(1);
  const x = b.conv(b.image(3, 8, 8), { out: 64 });
  const model = b.finish(b.flatten(b.globalPool(b.conv(b.relu(x), { out: 64 }))));
  const file = openModelFile(writeModel(temporaryFolder(), 'big.onnx', model));
  const forSession = sessionBytes(file, file.model);
  // 64 x 64 x 3 x 3 floats stay where they are.
  expect(model.bytes.length).toBeGreaterThan(147_456);
  expect(forSession.length).toBeLessThan(5_000);
  expect(Buffer.from(forSession).includes('big.onnx')).toBe(true);
  const copied = concatBytes([...fileChunks(file, file.model)]);
  expect(flattened(copied, 7)).toEqual(flattened(model.bytes, 7));
  file.source.close();
});

test('a file is read through a window: any range, in any order', () => {
  const folder = temporaryFolder();
  const content = new Uint8Array(300_000).map((_, at) => (at * 31) & 0xff);
  writeFileSync(join(folder, 'bytes'), content);
  const source = openFileSource(join(folder, 'bytes'));
  const random = randomGenerator(1);
  for (let n = 0; n < 2000; n++) {
    const offset = Math.floor(random() * content.length);
    const length = Math.floor(random() * Math.min(n % 5 ? 200 : 100_000, content.length - offset));
    expect(Buffer.compare(source.view(offset, length), content.subarray(offset, offset + length))).toBe(0);
  }
  source.close();
});

// --- bad files ---------------------------------------------------------------------------------------------------------------

function opened(path: string): ModelFile {
  const file = openModelFile(path);
  file.source.close();
  return file;
}

function errorOf(path: string): FoveaError {
  try {
    opened(path);
  } catch (error) {
    if (error instanceof FoveaError) return error;
    throw error;
  }
  throw new Error(`${path} was accepted`);
}

/** The error names the file, says more than its code, and what to do next. */
function expectClear(error: FoveaError, path: string): void {
  expect(error.message).toContain(path);
  expect(error.message.length).toBeGreaterThan(path.length + 10);
  expect(error.next).toMatch(/\.$/);
}

/** A model with the given inputs, each [name, element type, shape], and a node that reads one more of them. */
function modelWithInputs(inputs: readonly [string, number, (number | string)[]][], read?: string): Uint8Array {
  const built = smallClassifier();
  const value = (name: string, type: number, dims: (number | string)[]) =>
    concatBytes([
      encodeString(1, name),
      encodeBytes(
        2,
        encodeBytes(
          1,
          concatBytes([
            encodeNumber(1, type),
            encodeBytes(
              2,
              concatBytes(
                dims.map((dim) =>
                  encodeBytes(1, typeof dim === 'number' ? encodeNumber(1, dim) : encodeString(2, dim)),
                ),
              ),
            ),
          ]),
        ),
      ),
    ]);
  const parts = [...fields(bytesSource(built.bytes))].map((field) => {
    if (field.number !== 7) return built.bytes.slice(field.start, field.end);
    const graph = built.bytes.slice(field.payload, field.end);
    const kept = [...fields(bytesSource(graph))]
      .filter((part) => part.number !== 11)
      .map((part) => graph.slice(part.start, part.end));
    const reader = read === undefined ? [] : [encodeBytes(1, makeNode('Identity', [read], 'read').bytes)];
    return encodeBytes(
      7,
      concatBytes([...kept, ...reader, ...inputs.map((input) => encodeBytes(11, value(...input)))]),
    );
  });
  return concatBytes(parts);
}

const external = (name: string, path: string) => (folder: string) => {
  const model = smallClassifier(1, { weights: 'external' });
  const bytes = Buffer.from(model.bytes);
  // The name is replaced by one of the same length, so that all lengths stay right.
  if (path.length !== 'weights.bin'.length) throw new Error(`${path} has not the length of weights.bin`);
  for (let at = bytes.indexOf('weights.bin'); at >= 0; at = bytes.indexOf('weights.bin', at + 1)) bytes.write(path, at);
  writeFileSync(join(folder, name), bytes);
  return model;
};

/** A model with one more tensor, whose data lies elsewhere: an initializer, or the value of a Constant node. */
function withExternalTensor(entries: Readonly<Record<string, string>>, inNode = false): Uint8Array {
  const tensor = concatBytes([
    encodeNumber(1, 1),
    encodeNumber(2, 1),
    encodeString(8, 'far'),
    ...Object.entries(entries).map(([key, value]) =>
      encodeBytes(13, concatBytes([encodeString(1, key), encodeString(2, value)])),
    ),
    encodeNumber(14, 1),
  ]);
  const attribute = concatBytes([encodeString(1, 'value'), encodeBytes(5, tensor), encodeNumber(20, 4)]);
  const node = concatBytes([encodeString(2, 'far'), encodeString(4, 'Constant'), encodeBytes(5, attribute)]);
  const { bytes } = smallClassifier();
  return concatBytes(
    [...fields(bytesSource(bytes))].map((field) => {
      if (field.number !== 7) return bytes.slice(field.start, field.end);
      const graph = bytes.slice(field.payload, field.end);
      return encodeBytes(7, concatBytes([graph, inNode ? encodeBytes(1, node) : encodeBytes(5, tensor)]));
    }),
  );
}

const BAD: readonly [string, FoveaError['code'], string, (folder: string) => unknown][] = [
  ['a missing file', 'model-missing', 'no such file', () => undefined],
  ['a folder', 'model-is-directory', 'folder', (folder) => mkdirSync(join(folder, 'm.onnx'))],
  ['an empty file', 'model-empty', 'empty', (folder) => closeSync(openSync(join(folder, 'm.onnx'), 'w'))],
  [
    'a device',
    'model-unreadable',
    'expected a file, found a device',
    (folder) => symlinkSync('/dev/null', join(folder, 'm.onnx')),
  ],
  [
    'a truncated file',
    'model-damaged',
    'reaches beyond',
    (folder) => writeFileSync(join(folder, 'm.onnx'), smallClassifier().bytes.slice(0, 3000)),
  ],
  [
    'text',
    'model-damaged',
    'not a complete ONNX model',
    (folder) => writeFileSync(join(folder, 'm.onnx'), 'This is no model.\n'),
  ],
  [
    'a JPEG',
    'model-damaged',
    'not a complete',
    (folder) => writeFileSync(join(folder, 'm.onnx'), Buffer.from('ffd8ffe000104a464946', 'hex')),
  ],
  [
    'garbage after a valid head',
    'model-damaged',
    'not a complete ONNX model',
    (folder) => {
      const bytes = smallClassifier().bytes.slice();
      const random = randomGenerator(3);
      for (let at = 40; at < bytes.length; at++) bytes[at] = Math.floor(random() * 256);
      writeFileSync(join(folder, 'm.onnx'), bytes);
    },
  ],
  [
    'a protobuf without a graph',
    'model-damaged',
    'no graph',
    (folder) => writeFileSync(join(folder, 'm.onnx'), concatBytes([encodeNumber(1, 8), encodeString(2, 'producer')])),
  ],
  [
    'two inputs',
    'model-several-inputs',
    'image float32 [?, 3, 16, 16]; mask float32 [?, 1]',
    (folder) =>
      writeFileSync(
        join(folder, 'm.onnx'),
        modelWithInputs(
          [
            ['image', 1, ['N', 3, 16, 16]],
            ['mask', 1, ['N', 1]],
          ],
          'mask',
        ),
      ),
  ],
  [
    'no input',
    'model-no-image-input',
    'found none',
    (folder) => writeFileSync(join(folder, 'm.onnx'), modelWithInputs([])),
  ],
  [
    'a model for text',
    'model-no-image-input',
    'tokens int64 [?, 128]',
    (folder) => writeFileSync(join(folder, 'm.onnx'), modelWithInputs([['tokens', 7, ['N', 128]]])),
  ],
  [
    'a model for sound',
    'model-no-image-input',
    'wave float32 [?, 1, 16000]',
    (folder) => writeFileSync(join(folder, 'm.onnx'), modelWithInputs([['wave', 1, ['N', 1, 16000]]])),
  ],
  [
    'a batch fixed to 4',
    'model-unsupported',
    '4 images',
    (folder) => writeFileSync(join(folder, 'm.onnx'), smallClassifier(1, { batch: 4 }).bytes),
  ],
  [
    'opset 6',
    'model-unsupported',
    'opset 6',
    (folder) => writeFileSync(join(folder, 'm.onnx'), smallClassifier(1, { opset: 6 }).bytes),
  ],
  ['missing external data', 'model-external-data-missing', 'weights.bin', external('m.onnx', 'weights.bin')],
  [
    'external data that is too short',
    'model-external-data-missing',
    'bytes of weights.bin, which has 100',
    (folder) => {
      writeFileSync(join(folder, 'weights.bin'), new Uint8Array(100));
      external('m.onnx', 'weights.bin')(folder);
    },
  ],
  ['external data above the folder', 'model-external-data-outside', '../data.bin', external('m.onnx', '../data.bin')],
  [
    'external data above a folder inside',
    'model-external-data-outside',
    'a/../../b.x',
    external('m.onnx', 'a/../../b.x'),
  ],
  ['external data by absolute path', 'model-external-data-outside', '/etc/passwd', external('m.onnx', '/etc/passwd')],
  [
    'external data through a symbolic link',
    'model-external-data-outside',
    '/etc/hostname',
    (folder) => {
      symlinkSync('/etc/hostname', join(folder, 'weights.lnk'));
      external('m.onnx', 'weights.lnk')(folder);
    },
  ],
  [
    'external data that is a folder',
    'model-external-data-missing',
    'weights.dir',
    (folder) => {
      mkdirSync(join(folder, 'weights.dir'));
      external('m.onnx', 'weights.dir')(folder);
    },
  ],
  [
    'external data at a negative offset',
    'model-damaged',
    'offset -1',
    (folder) =>
      writeFileSync(join(folder, 'm.onnx'), withExternalTensor({ location: 'm.onnx', offset: '-1', length: '4' })),
  ],
  [
    'external data of no length at all',
    'model-damaged',
    'length many',
    (folder) =>
      writeFileSync(join(folder, 'm.onnx'), withExternalTensor({ location: 'm.onnx', offset: '0', length: 'many' })),
  ],
  [
    'external data without a place',
    'model-external-data-missing',
    'no file',
    (folder) => writeFileSync(join(folder, 'm.onnx'), withExternalTensor({ offset: '0', length: '4' })),
  ],
  [
    'external data of a Constant node outside the folder',
    'model-external-data-outside',
    '/etc/passwd',
    (folder) => writeFileSync(join(folder, 'm.onnx'), withExternalTensor({ location: '/etc/passwd' }, true)),
  ],
];

test.each(BAD)('%s is refused with %s', (_, code, words, write) => {
  const folder = join(temporaryFolder(), 'models');
  mkdirSync(folder);
  write(folder);
  const path = join(folder, 'm.onnx');
  const error = errorOf(path);
  expect(error).toMatchObject({ code });
  expect(error.message).toContain(words);
  expectClear(error, path);
});

test('a node that reads what a later one gives is refused: a cycle would never end', () => {
  const b = new ModelBuilder(1);
  const x = b.conv(b.image(3, 8, 8), { out: 4 });
  const loop = b.node('Identity', [`identity_${Number(x.name.split('_')[1]) + 1}`]);
  const path = writeModel(temporaryFolder(), 'cycle.onnx', b.finish({ ...b.conv(x, { out: 4 }), name: loop }));
  expect(errorOf(path)).toMatchObject({ code: 'model-damaged' });
});

test('whatever a file holds, reading it ends in a model or in a clear error', () => {
  const folder = temporaryFolder();
  const random = randomGenerator(17);
  const path = join(folder, 'mutated.onnx');
  const seeds: BuiltModel[] = STYLES.filter((style) => style.weights !== 'external').map((style, seed) =>
    randomNetwork(seed, style),
  );
  let accepted = 0;
  const codes = new Map<string, number>();
  for (let n = 0; n < 2500; n++) {
    const bytes = Uint8Array.from(seeds[n % seeds.length]!.bytes);
    // Structure sits between the weights: most changes near the ends of the file hit it.
    for (let change = 0; change <= n % 4; change++)
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    writeFileSync(path, n % 7 === 0 ? bytes.slice(0, Math.floor(random() * bytes.length)) : bytes);
    try {
      opened(path);
      accepted++;
    } catch (error) {
      if (!(error instanceof FoveaError)) throw error;
      codes.set(error.code, (codes.get(error.code) ?? 0) + 1);
    }
  }
  expect(accepted).toBeGreaterThan(100);
  expect(codes.get('model-damaged')).toBeGreaterThan(100);
});

test('the shared model is indexed without its weights', ({ skip }) => {
  const path = join(import.meta.dirname, '../../../../shared/models/squeezenet1.1-imagenet.onnx');
  try {
    readFileSync(path);
  } catch {
    skip('no ../shared');
  }
  const file = openModelFile(path);
  expect(basename(dirname(file.path))).toBe('models');
  expect(file.signature.inputShape.slice(1)).toEqual([3, 224, 224]);
  expect(layersOf(file).layers).toHaveLength(26);
  file.source.close();
});
