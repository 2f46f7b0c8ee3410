import * as ort from 'onnxruntime-node';
import { type Device, DEVICE_NAMES } from '../../src-shared/device.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { ROUNDING_CONSTANT } from '../../src-shared/precision/fake-quantisation.ts';
import { constantsOf, serialiseModel } from '../onnx/onnx-file.ts';
import { makeConstant, makeNode } from '../onnx/onnx-node.ts';
import { FLOAT, type OnnxModel, OPSET } from '../onnx/onnx-schema.ts';
import { makeValue } from '../onnx/onnx-tensor.ts';
import { concatBytes, encodeNumber, encodeString } from '../onnx/protobuf-wire.ts';
import { plainReason } from './plain-reason.ts';

/** Halves, which go to the even side, and the values beside them. */
const VALUES = Float32Array.of(0.5, 1.5, 2.5, -0.5, -2.5, 0.49999997, 2.5000002, 127.5);
const ROUNDED = [0, 2, 2, 0, -2, 0, 3, 128];
const IR_VERSION = 7;
const OPSET_VERSION = 13;

/** What every rewritten graph rounds with: a device whose compiler takes the sum and the difference together would round nothing. */
function roundingModel(): Uint8Array {
  const nodes = [
    makeConstant('constant', [1], Float32Array.of(ROUNDING_CONSTANT)),
    makeNode('Add', ['values', 'constant'], 'sum'),
    makeNode('Sub', ['sum', 'constant'], 'rounded'),
  ];
  const model: OnnxModel = {
    opset: OPSET_VERSION,
    nodes,
    initializers: [],
    inputs: [makeValue('values', FLOAT, [VALUES.length])],
    outputs: [makeValue('rounded', FLOAT, [VALUES.length])],
    valueInfos: [],
    sparse: new Map(),
    constants: constantsOf([], nodes, new Map()),
    functions: [],
    graphRest: [encodeString(GRAPH_NAME, 'probe')],
    modelRest: [encodeNumber(MODEL_IR_VERSION, IR_VERSION)],
    opsetImports: [concatBytes([encodeString(OPSET.domain, ''), encodeNumber(OPSET.version, OPSET_VERSION)])],
  };
  // No weight lies in a file: all chunks are bytes.
  return concatBytes(serialiseModel(model, null).filter((chunk) => chunk instanceof Uint8Array));
}

/** ModelProto.ir_version and GraphProto.name. */
const MODEL_IR_VERSION = 1;
const GRAPH_NAME = 2;

/** The condition of ONNX Runtime's that did not hold, before its words for people. */
const FAILED_CHECK = /^.* was false\. /;

/** Runs a few roundings on a device. @returns why it cannot be computed on, or null where it can */
export async function whatIsMissing(device: Device): Promise<string | null> {
  if (device === 'cpu') return null;
  let session: ort.InferenceSession | null = null;
  try {
    session = await ort.InferenceSession.create(roundingModel(), { executionProviders: [device], logSeverityLevel: 4 });
    const results = await session.run({ values: new ort.Tensor('float32', VALUES, [VALUES.length]) });
    const rounded = [...(results.rounded!.data as Float32Array)];
    if (rounded.every((value, index) => value === ROUNDED[index])) return null;
    return `it rounds ${[...VALUES].join(', ')} to ${rounded.join(', ')}`;
  } catch (error) {
    return plainReason(error).replace(FAILED_CHECK, '');
  } finally {
    // What is lost cannot be given back.
    await session?.release().catch(() => undefined);
  }
}

/** @throws FoveaError `device-unavailable` */
export async function checkDevice(device: Device): Promise<void> {
  const missing = await whatIsMissing(device);
  if (missing !== null)
    throw new FoveaError(
      'device-unavailable',
      `no network can run on ${DEVICE_NAMES[device]} here: ${missing}`,
      'Use --device cpu, or install a driver of the GPU (on Linux its Vulkan driver).',
    );
}

/**
 * After an error on a device that has worked before.
 * @throws FoveaError `device-lost` where it no longer does: a reset driver, a GPU that was taken away
 */
export async function throwIfLost(device: Device): Promise<void> {
  const missing = await whatIsMissing(device);
  if (missing !== null) throw new FoveaError('device-lost', `${DEVICE_NAMES[device]} was lost: ${missing}`);
}
