import * as ort from 'onnxruntime-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { measured, plans, run, scene } from '../engine/inside/engine-scene.ts';

// A device without hardware: what is asked of WebGPU is done by the CPU, unless a test has the device fail.

let alter: (scores: Float32Array) => Float32Array;
let isRounding: boolean;
let isLost: boolean;
let sessions: number;

beforeEach(() => {
  alter = (scores) => scores;
  isRounding = true;
  isLost = false;
  sessions = 0;
  const create = ort.InferenceSession.create.bind(ort.InferenceSession);
  vi.spyOn(ort.InferenceSession, 'create').mockImplementation(
    async (bytes: unknown, { executionProviders = [], ...options }: ort.InferenceSession.SessionOptions = {}) => {
      const session = await create(bytes as Uint8Array, options);
      if (executionProviders[0] !== 'webgpu') return session;
      if (isLost) throw new Error('x was false. Failed to get a WebGPU adapter: none');
      sessions++;
      const compute = session.run.bind(session);
      return Object.assign(session, {
        run: async (...given: Parameters<typeof compute>) => {
          if (isLost) throw new Error('Failed to download data from buffer');
          const results = await compute(...given);
          for (const [name, tensor] of Object.entries(results))
            if (/^softmax/.test(name) && tensor instanceof ort.Tensor)
              (tensor.data as Float32Array).set(alter(tensor.data as Float32Array));
          return results.rounded && !isRounding ? { rounded: given[0].values as ort.Tensor } : results;
        },
      });
    },
  );
});
afterEach(() => void vi.restoreAllMocks());

/** The model as it runs on the CPU and on the device, and an evaluation of some photos. */
async function given() {
  const { model: cpu, photos } = await scene(3);
  const images = photos.map((path) => ({ path, plans: [0], baseline: true }));
  const order = { images, plans: plans({ bits: [6, 3] }), ranges: null, counts: true };
  return { cpu, model: { ...cpu, device: 'webgpu' as const }, order };
}

test('what a device computes as the CPU does is what the CPU gives, plain, under a plan and counted', async () => {
  const { cpu, model, order } = await given();
  const onDevice = measured(await run('evaluate', { model, ...order }));
  expect(sessions).toBeGreaterThan(1);
  expect(onDevice).toEqual(measured(await run('evaluate', { model: cpu, ...order })));
});

test('a device that computes wrongly is found out before any work', async () => {
  alter = (scores) => scores.map((score) => score * 1.01);
  const { model } = await given();
  await expect(run('open', { model })).rejects.toMatchObject({ code: 'device-unsuited' });
});

test('a device that is not there is told of with what to do', async () => {
  isLost = true;
  const { model } = await given();
  await expect(run('open', { model })).rejects.toMatchObject({
    code: 'device-unavailable',
    message: 'no network can run on WebGPU here: Failed to get a WebGPU adapter: none',
    next: expect.stringContaining('--device cpu') as string,
  });
  expect(await run('probe', { device: 'webgpu' })).toMatchObject({
    missing: expect.stringContaining('none') as string,
  });
  expect(await run('probe', { device: 'cpu' })).toEqual({ device: 'cpu', missing: null });
});

test('a device whose compiler takes the roundings for nothing is not used', async () => {
  isRounding = false;
  const { model } = await given();
  await expect(run('open', { model })).rejects.toMatchObject({
    code: 'device-unavailable',
    message: expect.stringContaining('it rounds 0.5, 1.5, 2.5') as string,
  });
});

test('a device that goes away in the middle is lost, and no fault of the image', async () => {
  const { model, order } = await given();
  await run('open', { model });
  isLost = true;
  await expect(run('evaluate', { model, ...order })).rejects.toMatchObject({ code: 'device-lost' });
});

test('a device that gives zeros without an error is lost, too', async () => {
  const { model, order } = await given();
  await run('open', { model });
  alter = (scores) => scores.fill(0);
  await expect(run('evaluate', { model, ...order })).rejects.toMatchObject({ code: 'device-lost' });
});
