import { expect, onTestFinished, test, vi } from 'vitest';
import { EngineKeeper } from '../../../src-main/engine/engine-keeper.ts';
import { forkProcess } from '../../../src-main/engine/process-port.ts';
import { integerAttribute, integersAttribute } from '../../../src-main/onnx/onnx-node.ts';
import { builtFile } from '../../built.ts';
import { NO_GPU, softwareGpu } from '../../swiftshader.ts';
import { ModelBuilder, type BuiltModel } from '../onnx/onnx-models.ts';
import { measured, plans, scene } from './inside/engine-scene.ts';

// A real engine, as guarded as ever, on a GPU that is a program: slow, so that the network is small and every shader is compiled once.
const gpu = softwareGpu();
if (!gpu)
  console.warn('No SwiftShader beside a Chromium found: WebGPU is not tried. On Debian the package chromium has it.');

function engine(environment: NodeJS.ProcessEnv): EngineKeeper {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const keeper = new EngineKeeper({ script: builtFile('engine.js'), spawn: forkProcess });
  onTestFinished(() => {
    keeper.close();
    vi.unstubAllEnvs();
  });
  return keeper;
}

/** Divides by the length of its features: with nothing left of the image, by zero. A GPU makes 0 of a NaN in the Sigmoid. */
function cosineHead(): BuiltModel {
  const b = new ModelBuilder(3);
  const x = b.flatten(b.globalPool(b.relu(b.conv(b.image(3, 8, 8), { out: 8, kernel: [1, 1], bias: false }))));
  const length = b.node('ReduceL2', [x.name], [integersAttribute('axes', [1]), integerAttribute('keepdims', 1)]);
  const cosines = b.node('MatMul', [b.node('Div', [x.name, length]), b.weights([8, 6], 1)]);
  return b.finish({ ...x, name: b.node('Sigmoid', [cosines]), channels: 6 });
}

/** Whose scores are NaN whatever it sees, which a GPU may show as something else. */
function neverANumber(): BuiltModel {
  const b = new ModelBuilder(3);
  const x = b.gemm(b.flatten(b.globalPool(b.image(3, 8, 8))), 6);
  const logarithm = b.node('Log', [b.node('Sub', [x.name, x.name])]);
  const nan = b.node('Sub', [logarithm, logarithm]);
  return b.finish({ ...x, name: b.node('Relu', [nan]) });
}

test.skipIf(!gpu)('on WebGPU images are answered as on the CPU, and counted alike, to the last places', async () => {
  const { model, photos } = await scene(3, cosineHead());
  const keeper = engine(gpu!);
  expect(await keeper.run('probe', { device: 'webgpu' })).toEqual({ device: 'webgpu', missing: null });
  const nothingLeft = { bits: [0], inputBits: 0 };
  const all = plans({ metric: 'uniform', bits: [8] }, { bits: [5, 2] }, nothingLeft);
  const order = {
    images: photos.map((path) => ({ path, plans: [...all.keys()], baseline: true })),
    plans: all,
    ranges: null,
    counts: true,
  };
  const onGpu = measured(await keeper.run('evaluate', { ...order, model: { ...model, device: 'webgpu' } }));
  const onCpu = measured(await keeper.run('evaluate', { ...order, model }));
  const answers = (images: typeof onCpu) =>
    images.flatMap(({ baseline, results }) => [baseline!, ...results.map(({ top }) => top)]);
  expect(answers(onGpu).map(({ classes }) => classes)).toEqual(answers(onCpu).map(({ classes }) => classes));
  const shares = answers(onCpu).flatMap(({ probabilities }) => probabilities);
  answers(onGpu)
    .flatMap(({ probabilities }) => probabilities)
    .forEach((share, index) => expect(share).toBeCloseTo(shares[index]!, 6));
  // Where the image is cropped away the scores are NaN, which the GPU does not show.
  expect(onGpu.map(({ results }) => results[2]!.top)).toEqual(photos.map(() => ({ classes: [], probabilities: [] })));
  const bits = (images: typeof onCpu) =>
    images.flatMap(({ results }) => results.map(({ layers }) => layers[1]!.zeroShare));
  bits(onGpu).forEach((share, index) => expect(share).toBeCloseTo(bits(onCpu)[index]!, 2));

  const never = await scene(1, neverANumber());
  await expect(keeper.run('open', { model: { ...never.model, device: 'webgpu' } })).rejects.toMatchObject({
    code: 'device-unsuited',
    next: 'Use --device cpu for this model.',
  });
});

test.skipIf(process.platform !== 'linux')(
  'where there is no GPU nothing begins, and what is to be done is said',
  async () => {
    const { model } = await scene(0, cosineHead());
    const keeper = engine(NO_GPU);
    await expect(keeper.run('open', { model: { ...model, device: 'webgpu' } })).rejects.toMatchObject({
      code: 'device-unavailable',
      message: expect.stringMatching(/on WebGPU here: .*adapter/i) as string,
      next: expect.stringContaining('--device cpu') as string,
    });
    const probed = await keeper.run('probe', { device: 'webgpu' });
    expect(probed.missing).toMatch(/adapter/i);
    expect(await keeper.run('open', { model })).toMatchObject({ classes: 6 });
  },
);
