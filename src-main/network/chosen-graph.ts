import type { ModelFile } from '../onnx/model-file.ts';
import type { OnnxModel } from '../onnx/onnx-schema.ts';
import { prunedTo } from '../onnx/prune-model.ts';
import { type GraphLayers, layersOf } from './graph-layers.ts';

/**
 * What one output of a file needs, and its layers.
 * @param own layers of the file as it is, which are not looked for again
 * @param wanted layout, which decides where the file leaves all axes of its input open
 */
export function chosenGraph(
  file: ModelFile,
  own: GraphLayers,
  outputName: string,
  wanted: ModelFile['layout'] | undefined,
): { readonly model: OnnxModel; readonly graph: GraphLayers } {
  const layout = file.layoutIsOpen ? (wanted ?? file.layout) : file.layout;
  const isOwn = outputName === file.signature.outputName && layout === file.layout;
  return { model: prunedTo(file.model, outputName), graph: isOwn ? own : layersOf(file, outputName, layout) };
}
