import { FoveaError } from '../../src-shared/errors.ts';
import { bytesSource, type ByteSource } from './byte-source.ts';
import { ConstantValues } from './constant-values.ts';
import { constantsOf, readOpset } from './onnx-file.ts';
import { decodeNode, graphNames, makeNode, subgraphsOf } from './onnx-node.ts';
import {
  ATTRIBUTE,
  FUNCTION,
  GRAPH,
  NODE,
  TENSOR,
  VALUE,
  type OnnxInitializer,
  type OnnxModel,
  type OnnxNode,
} from './onnx-schema.ts';
import { tensorInMemory } from './onnx-tensor.ts';
import { concatBytes, encodeBytes, encodeString, fieldsOfBytes, readString } from './protobuf-wire.ts';

/** More nodes than any network has: functions that call each other many times over are not unrolled beyond. */
const MOST_NODES = 100_000;

/** A function the model file brings itself. */
export interface ModelFunction {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly OnnxNode[];
  /** AttributeProtos that stand in where a call gives none, by name. */
  readonly defaults: ReadonlyMap<string, Uint8Array>;
  readonly opset: number;
}

/** How the names of an inlined body become names of the graph around it. */
interface Renaming {
  name(name: string): string;
  readonly prefix: string;
  /** AttributeProtos of the call, by name: what references in the body stand for. */
  readonly attributes: ReadonlyMap<string, Uint8Array>;
}

/**
 * The model with the bodies of its own functions, and the branches that constant conditions choose, in place of the nodes that call
 * them: what is inside is then a part of the network like any other. Calls of a body of another opset stay.
 * @throws FoveaError `model-unsupported` where the bodies would fill more than any network
 */
export function inlineGraphs(model: OnnxModel, source: ByteSource, path: string): OnnxModel {
  const functions = functionsOf(model);
  const nodes: OnnxNode[] = [];
  const initializers: OnnxInitializer[] = [...model.initializers];
  const producers = new Map<string, OnnxNode>();
  const constants = () => new ConstantValues(path, source, initializers, producers);
  let changed = false;
  let calls = 0;

  const place = (node: OnnxNode, depth: number): void => {
    if (nodes.length > MOST_NODES || depth > 64)
      throw new FoveaError(
        'model-unsupported',
        `${path}: its functions call each other more than ${MOST_NODES} times`,
        'Export the model without functions.',
      );
    const called = functions.get(functionKey(node));
    const body = called?.opset === model.opset ? calledBody(node, called, calls) : branchOf(node, constants, calls);
    if (!body) {
      nodes.push(node);
      for (const output of node.outputs) producers.set(output, node);
      return;
    }
    changed = true;
    calls++;
    initializers.push(...body.initializers);
    for (const inner of body.nodes) place(inner, depth + 1);
  };
  for (const node of model.nodes) place(node, 0);
  return changed ? { ...model, nodes, initializers, constants: constantsOf(initializers, nodes, model.sparse) } : model;
}

/** What a node is to call to run a function. */
export const functionKey = ({ domain, opType }: OnnxNode) => `${domain} ${opType}`;

/** The functions of a model file by {@link functionKey}. */
export function functionsOf(model: OnnxModel): Map<string, ModelFunction> {
  const functions = new Map<string, ModelFunction>();
  for (const bytes of model.functions) {
    const { source, fields } = fieldsOfBytes(bytes);
    const strings = (number: number) =>
      fields.filter((field) => field.number === number).map((field) => readString(source, field));
    const messages = (number: number) =>
      fields.filter((field) => field.number === number).map((field) => bytes.subarray(field.payload, field.end));
    const opsets = messages(FUNCTION.opsetImport).map(readOpset);
    functions.set(`${strings(FUNCTION.domain)[0] ?? ''} ${strings(FUNCTION.name)[0] ?? ''}`, {
      inputs: strings(FUNCTION.input),
      outputs: strings(FUNCTION.output),
      nodes: messages(FUNCTION.node).map(decodeNode),
      defaults: new Map(messages(FUNCTION.attributeDefault).map((attribute) => [attributeName(attribute), attribute])),
      opset: opsets.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? model.opset,
    });
  }
  return functions;
}

interface Body {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
}

function calledBody(call: OnnxNode, { inputs, outputs, nodes, defaults }: ModelFunction, number: number): Body {
  const names = new Map<string, string>([['', '']]);
  inputs.forEach((input, index) => names.set(input, call.inputs[index] ?? ''));
  const passed: OnnxNode[] = [];
  outputs.forEach((output, index) => {
    const wanted = call.outputs[index] ?? '';
    if (wanted === '') return;
    // A function may give one of its inputs back.
    if (names.has(output)) passed.push(makeNode('Identity', [names.get(output)!], wanted));
    else names.set(output, wanted);
  });
  const prefix = `${call.name || call.outputs[0]}/${number}/`;
  const attributes = new Map([...defaults, ...attributesByName(call.bytes)]);
  const renaming: Renaming = { name: (name) => names.get(name) ?? prefix + name, prefix, attributes };
  return { nodes: [...nodes.map((node) => renamedNode(node.bytes, renaming)), ...passed], initializers: [] };
}

/** The branch that an If with a constant condition takes. */
function branchOf(node: OnnxNode, constants: () => ConstantValues, number: number): Body | null {
  if (node.opType !== 'If' || (node.domain !== '' && node.domain !== 'ai.onnx')) return null;
  const condition = constants().scalar(node.inputs[0]);
  if (condition === undefined) return null;
  const wanted = condition === 0 ? 'else_branch' : 'then_branch';
  const graph = subgraphsOf(node.bytes).find(({ attribute }) => attribute === wanted)?.graph;
  if (!graph) return null;
  const { nodes, outputs, defined } = graphNames(graph);
  const names = new Map<string, string>([['', '']]);
  const passed: OnnxNode[] = [];
  const prefix = `${node.name || node.outputs[0]}/${number}/`;
  const inner = (name: string) => names.get(name) ?? (defined.has(name) ? prefix + name : name);
  outputs.forEach((output, index) => {
    const given = node.outputs[index] ?? '';
    if (given === '') return;
    if (defined.has(output) && !names.has(output)) names.set(output, given);
    else passed.push(makeNode('Identity', [inner(output)], given));
  });
  const renaming: Renaming = { name: inner, prefix, attributes: new Map() };
  const initializers = fieldsOfBytes(graph)
    .fields.filter((field) => field.number === GRAPH.initializer)
    .map((field) => tensorInMemory(renamedTensor(graph.subarray(field.payload, field.end), renaming)));
  // What stands in the branch in another way (sparse weights) cannot be moved out of it.
  const known = new Set([...nodes.flatMap((inside) => inside.outputs), ...initializers.map(({ name }) => name)]);
  if (outputs.some((output) => defined.has(output) && !known.has(inner(output)) && !known.has(output))) return null;
  return { nodes: [...nodes.map((inside) => renamedNode(inside.bytes, renaming)), ...passed], initializers };
}

function attributeName(attribute: Uint8Array): string {
  const { source, fields } = fieldsOfBytes(attribute);
  const name = fields.find((field) => field.number === ATTRIBUTE.name);
  return name ? readString(source, name) : '';
}

function attributesByName(node: Uint8Array): [string, Uint8Array][] {
  return fieldsOfBytes(node)
    .fields.filter((field) => field.number === NODE.attribute)
    .map((field) => node.subarray(field.payload, field.end))
    .map((attribute) => [attributeName(attribute), attribute]);
}

/** A message with some of its fields written anew; null leaves a field out, undefined leaves it as it is. */
function rewritten(
  bytes: Uint8Array,
  replace: (number: number, payload: Uint8Array) => Uint8Array | null | undefined,
): Uint8Array {
  return concatBytes(
    fieldsOfBytes(bytes).fields.flatMap((field) => {
      const replacement = replace(field.number, bytes.subarray(field.payload, field.end));
      if (replacement === null) return [];
      return [replacement ?? bytes.subarray(field.start, field.end)];
    }),
  );
}

const text = (payload: Uint8Array) => readString(bytesSource(payload), { payload: 0, end: payload.length });

function renamedNode(bytes: Uint8Array, renaming: Renaming): OnnxNode {
  return decodeNode(
    rewritten(bytes, (number, payload) => {
      if (number === NODE.input || number === NODE.output) return encodeString(number, renaming.name(text(payload)));
      if (number === NODE.name) return encodeString(number, renaming.prefix + text(payload));
      if (number !== NODE.attribute) return undefined;
      const attribute = renamedAttribute(payload, renaming);
      return attribute && encodeBytes(NODE.attribute, attribute);
    }),
  );
}

/** Null for a reference to an attribute that the call leaves out. */
function renamedAttribute(bytes: Uint8Array, renaming: Renaming): Uint8Array | null {
  const { source, fields } = fieldsOfBytes(bytes);
  const reference = fields.find((field) => field.number === ATTRIBUTE.reference);
  if (reference) {
    const given = renaming.attributes.get(readString(source, reference));
    return given
      ? rewritten(given, (number) =>
          number === ATTRIBUTE.name ? encodeString(number, attributeName(bytes)) : undefined,
        )
      : null;
  }
  return rewritten(bytes, (number, payload) =>
    number === ATTRIBUTE.g || number === ATTRIBUTE.graphs
      ? encodeBytes(number, renamedGraph(payload, renaming))
      : undefined,
  );
}

/** A graph inside an inlined body: its own names must not meet those of another copy, or of the graph around it. */
function renamedGraph(bytes: Uint8Array, outer: Renaming): Uint8Array {
  const { defined } = graphNames(bytes);
  const renaming: Renaming = {
    ...outer,
    name: (name) => (name !== '' && defined.has(name) ? outer.prefix + name : outer.name(name)),
  };
  return rewritten(bytes, (number, payload) => {
    if (number === GRAPH.node) return encodeBytes(number, renamedNode(payload, renaming).bytes);
    if (number === GRAPH.initializer) return encodeBytes(number, renamedTensor(payload, renaming));
    if (number === GRAPH.input || number === GRAPH.output)
      return encodeBytes(number, rewritten(payload, nameOf(VALUE.name, renaming)));
    return number === GRAPH.valueInfo ? null : undefined;
  });
}

const renamedTensor = (bytes: Uint8Array, renaming: Renaming) => rewritten(bytes, nameOf(TENSOR.name, renaming));

const nameOf = (field: number, renaming: Renaming) => (number: number, payload: Uint8Array) =>
  number === field ? encodeString(number, renaming.name(text(payload))) : undefined;
