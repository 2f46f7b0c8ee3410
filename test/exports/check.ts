import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { openModel } from '../../src-main/engine/inside/opened-model.ts';
import { randomGenerator } from '../../src-shared/importance/random.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';

// Real networks as `export.py` wrote them: each opens, its layers and what is left out make all MACs that PyTorch counted, 16 bits
// give its scores, low bits do not give them unchanged. No part of the tests: half a gigabyte, and minutes.

const IMAGES = 2;
/** Of the spread of the scores. */
const MOST_NOISE = 1e-3;

interface Counted {
  readonly macs: number;
  readonly products: number;
}

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);

async function check(path: string): Promise<string> {
  const counted = JSON.parse(readFileSync(path.replace(/\.onnx$/, '.counts.json'), 'utf8')) as Counted;
  const { network, model } = await openModel({ path, preset: 'imagenet', threads: 2 });
  try {
    const faults: string[] = [];
    const own = sum(network.layers.map(({ macs }) => macs));
    const left = sum(network.leftOut.map(({ macs }) => macs ?? NaN));
    if (own + left !== counted.macs) faults.push(`${own} + ${left} MACs, PyTorch has ${counted.macs}`);
    if (left !== counted.products) faults.push(`${left} MACs are left out, expected ${counted.products}`);
    const random = randomGenerator(1);
    const pixels = new Float32Array(IMAGES * network.inputLength).map(() => random() * 4 - 2);
    const planned = (bits: number[]) => {
      const plan = resolvePlan({ metric: 'uniform', regions: 14, bits });
      const grid = { rows: 14, columns: 14 };
      return { plan, grid, values: new Float32Array(196) };
    };
    const images = (bits: number[]) => Array.from({ length: IMAGES }, () => planned(bits));
    const plain = (await network.plain(pixels, IMAGES)).scores;
    const fine = (await network.quantised(pixels, images([16]), null, false)).scores;
    const coarse = (await network.quantised(pixels, images([2]), null, false)).scores;
    // Of random scores two may be as good as equal, so the answer alone would tell little.
    const spread = Math.max(...plain) - Math.min(...plain);
    const largest = Math.max(...plain.map((score, k) => Math.abs(score - fine[k]!))) / spread;
    if (!(largest <= MOST_NOISE))
      faults.push(`16 bits move a score by ${(100 * largest).toFixed(2)} % of their spread`);
    if (!coarse.every(Number.isFinite)) faults.push('2 bits: scores are not finite');
    if (coarse.every((score, k) => score === plain[k])) faults.push('2 bits change nothing');
    const unplaced = network.tensors.filter((tensor) => tensor.unplaced).length;
    return (
      `${faults.length === 0 ? 'ok   ' : 'FAULT'} ${basename(path, '.onnx')}: ${network.layers.length} layers, ` +
      `${network.leftOut.length} left out (${((100 * left) / (own + left)).toFixed(1)} % of the MACs), ` +
      `${unplaced} of ${network.tensors.length} tensors without place${faults.map((fault) => `; ${fault}`).join('')}` +
      model.remarks.map((remark) => `\n        ${remark}`).join('')
    );
  } finally {
    await network.close();
  }
}

const folder = process.argv[2] ?? '.';
const wanted = process.argv.slice(3);
for (const name of readdirSync(folder).sort())
  if (name.endsWith('.onnx') && (wanted.length === 0 || wanted.includes(basename(name, '.onnx'))))
    console.log(await check(join(folder, name)).catch((error: unknown) => `FAULT ${name}: ${String(error)}`));
