import type { OnnxModel, OnnxNode } from './onnx-schema.ts';

/** The model without nodes and weights that nothing reads any more. */
export function pruned(model: OnnxModel): OnnxModel {
  const read = new Set(model.outputs.map((output) => output.name));
  const kept: OnnxNode[] = [];
  for (const node of [...model.nodes].reverse()) {
    if (!node.outputs.some((output) => read.has(output))) continue;
    for (const input of [...node.inputs, ...node.captured]) read.add(input);
    kept.push(node);
  }
  return {
    ...model,
    nodes: kept.reverse(),
    // Old files list weights among the inputs; without its weight such an input would have to be fed.
    inputs: model.inputs.filter((input) => read.has(input.name) || !model.constants.has(input.name)),
    initializers: model.initializers.filter((tensor) => read.has(tensor.name)),
  };
}

/** What of the model one of its outputs needs. */
export function prunedTo(model: OnnxModel, outputName: string): OnnxModel {
  return pruned({ ...model, outputs: model.outputs.filter((output) => output.name === outputName) });
}
