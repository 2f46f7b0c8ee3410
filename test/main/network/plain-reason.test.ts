import { expect, test } from 'vitest';
import { plainReason } from '../../../src-main/network/plain-reason.ts';

test.each([
  [
    "[ONNXRuntimeError] : 1 : FAIL : Load model from /tmp/m.onnx failed:tensorprotoutils.cc:317 ValidateSize Initializer 'w': raw_data size (4 bytes) does not match",
    "Initializer 'w': raw_data size (4 bytes) does not match",
  ],
  [
    'This is an invalid model. In Node, ("", Conv, "", -1) : ("image": tensor(float),"w": tensor(float),) -> ("conv_1",) , Error Unrecognized attribute: grmup for operator Conv',
    'node conv_1 (Conv): Unrecognized attribute: grmup for operator Conv',
  ],
  [
    "Non-zero status code returned while running Reshape node. Name:'reshape_3' Status Message: /onnxruntime_src/onnxruntime/core/providers/cpu/tensor/reshape_helper.h:47 onnxruntime::ReshapeHelper::ReshapeHelper(const onnxruntime::TensorShape&, onnxruntime::TensorShapeVector&, bool) input_shape_size == requested_shape_size was false.",
    'node reshape_3 (Reshape): input_shape_size == requested_shape_size was false.',
  ],
  [
    '/onnxruntime_src/onnxruntime/core/graph/graph.cc:1500 onnxruntime::Graph::Graph(const onnxruntime::Model&, const std::unordered_map<std::__cxx11::basic_string<char>, int>&, bool) This is an invalid model. Tensor does not have type information.',
    'Tensor does not have type information.',
  ],
  [
    'Node (mul_1) Op (Mul) [ShapeInferenceError] Incompatible dimensions',
    'Node (mul_1) Op (Mul) Incompatible dimensions',
  ],
  ['Unknown error', 'ONNX Runtime cannot load or run it, and does not say why'],
  ['', 'ONNX Runtime cannot load or run it, and does not say why'],
])('%j is told in plain words', (raw, plain) => {
  expect(plainReason(new Error(raw))).toBe(plain);
});
