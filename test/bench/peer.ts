import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openModel } from '../../src-main/engine/inside/opened-model.ts';
import { stepShare } from '../../src-shared/precision/fake-quantisation.ts';
import { plannedImages } from './inference.ts';

const MODEL = join(import.meta.dirname, '..', '..', '..', 'shared', 'models', 'squeezenet1.1-imagenet.onnx');
const SCRIPT = join(import.meta.dirname, 'peer.py');
const PYTHON = '/usr/bin/python3';
const ROUNDS = 15;
const LAYOUTS = ['contiguous', 'channels_last'] as const;

/** SqueezeNet under the default plan, batch 8, one thread, against PyTorch with hooks that do the same; taken in turns, the least time counts. */
export async function benchPeer(): Promise<string[]> {
  if (!existsSync(MODEL)) return ['left out, the shared model is not there'];
  const installed = spawnSync(PYTHON, ['-c', 'import torch, torchvision, onnx; print(torch.__version__)'], {
    encoding: 'utf8',
  });
  if (installed.status !== 0) return ['left out: needs python3-torch, python3-torchvision and python3-onnx of Debian'];
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-'));
  const { network } = await openModel({ path: MODEL, threads: 1 });
  try {
    const images = plannedImages({});
    const pixels = Float32Array.from({ length: images.length * network.inputLength }, (_, i) => Math.sin(i * 0.37) * 2);
    writeFileSync(join(folder, 'pixels.f32'), pixels);
    for (const tensor of network.tensors.keys()) {
      const bits = network.bitsOf(tensor, images[0]!);
      const shares = Float32Array.from(bits, (width) => stepShare(width, network.isUnsigned(tensor)));
      writeFileSync(join(folder, `shares-${tensor}.f32`), shares);
    }
    const python = spawn(PYTHON, [SCRIPT, MODEL, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
    const answers = createInterface(python.stdout)[Symbol.asyncIterator]();
    const next = async () => {
      const { value, done } = await answers.next();
      if (done) throw new Error('the peer has ended');
      return String(value);
    };
    await next();
    const peers = new Map<string, number>(LAYOUTS.map((layout) => [layout, Infinity]));
    let own = Infinity;
    const { scores } = await network.quantised(pixels, images, null, false);
    for (let round = 0; round < ROUNDS; round++) {
      await network.quantised(pixels, images, null, false);
      const start = performance.now();
      await network.quantised(pixels, images, null, false);
      own = Math.min(own, performance.now() - start);
      for (const layout of LAYOUTS) {
        python.stdin.write(`${layout}\n`);
        peers.set(layout, Math.min(peers.get(layout)!, Number(await next())));
      }
    }
    python.stdin.end();
    const theirs = new Float32Array(Uint8Array.from(readFileSync(join(folder, 'scores.f32'))).buffer);
    const perImage = (ms: number) => `${(ms / images.length).toFixed(1)} ms an image`;
    return [
      `Fovea ${perImage(own)}; PyTorch ${installed.stdout.trim()} with hooks: ` +
        [...peers].map(([layout, ms]) => `${layout} ${perImage(ms)}, ratio ${(own / ms).toFixed(2)}`).join('; ') +
        ' (target 0.70 of channels_last at most)',
      `largest difference of a probability ${largestDifference(scores, theirs).toExponential(1)}`,
    ];
  } finally {
    await network.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function largestDifference(own: Float32Array, theirs: Float32Array): number {
  if (own.length !== theirs.length) throw new Error(`${own.length} scores here, ${theirs.length} there`);
  return own.reduce((most, score, index) => Math.max(most, Math.abs(score - theirs[index]!)), 0);
}
