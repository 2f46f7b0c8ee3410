import type { ModelFile } from '../onnx/model-file.ts';
import type { OnnxModel } from '../onnx/onnx-schema.ts';
import { prunedTo } from '../onnx/prune-model.ts';
import { findLayers, type GraphLayers } from './graph-layers.ts';

/**
 * What one output of a file needs, and its layers.
 * @param layout decides where the file leaves all axes of its input open
 */
export function chosenGraph(
  file: ModelFile,
  outputName: string,
  wanted: ModelFile['layout'] | undefined,
): { readonly model: OnnxModel; readonly graph: GraphLayers } {
  const model = prunedTo(file.model, outputName);
  const layout = file.layoutIsOpen ? (wanted ?? file.layout) : file.layout;
  const isOwn = outputName === file.signature.outputName && layout === file.layout;
  return { model, graph: isOwn ? file.graph : findLayers(model, file.constants, layout) };
}
