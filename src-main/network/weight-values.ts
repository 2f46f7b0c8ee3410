import { pruned } from '../onnx/prune-model.ts';
import type { ModelFile } from '../onnx/model-file.ts';
import { makeNode } from '../onnx/onnx-node.ts';
import { FLOAT, type OnnxModel } from '../onnx/onnx-schema.ts';
import { makeValue } from '../onnx/onnx-tensor.ts';
import { createSession, type SessionOptions } from './network-sessions.ts';
import { floats } from './session-outputs.ts';

/** Weights as numbers, however the file holds them. */
export interface WeightValues {
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

/** Values of weights by name, as the file stores them or the graph computes them, which takes the CPU. */
export async function weightValues(
  { file, model, options }: { readonly file: ModelFile; readonly model: OnnxModel; readonly options: SessionOptions },
  names: readonly string[],
): Promise<ReadonlyMap<string, WeightValues>> {
  if (names.length === 0) return new Map();
  // A sparse initializer cannot be an output itself.
  const copies = names.map((name) => makeNode('Identity', [name], `fovea/computed/${name}`));
  const nodes = [...model.nodes, ...copies];
  const outputs = copies.map((copy) => makeValue(copy.outputs[0]!, FLOAT));
  const graph = pruned({ ...model, nodes, outputs, inputs: [], valueInfos: [] });
  const session = await createSession(file, graph, { ...options, device: 'cpu' });
  try {
    const results = await session.run({});
    return new Map(
      names.map((name, index) => {
        const result = results[copies[index]!.outputs[0]!]!;
        return [name, { dims: result.dims, values: floats(result).slice() }] as const;
      }),
    );
  } finally {
    await session.release();
  }
}
