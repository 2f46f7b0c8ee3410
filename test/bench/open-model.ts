import { readFileSync, statSync } from 'node:fs';
import { runTask } from '../../src-main/engine/inside/engine-tasks.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';

// A process of its own, so that its peak memory is that of opening a model and analysing one image: `open-model.ts MODEL IMAGE`.

const [path, image] = process.argv.slice(2) as [string, string];
const context = { signal: new AbortController().signal, progress: () => undefined };
const model = { path, threads: 2 };

const start = performance.now();
await runTask({ kind: 'task', id: 1, name: 'open', input: { model } }, context);
const seconds = (performance.now() - start) / 1000;
const analysis = { model, image, plan: resolvePlan({}), ranges: null, counts: true };
await runTask({ kind: 'task', id: 2, name: 'analyse', input: analysis }, context);
const status = readFileSync('/proc/self/status', 'utf8');
const peakBytes = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) * 1024;
const ratio = peakBytes / statSync(path).size;
console.log(`opened in ${seconds.toFixed(2)} s, peak memory of the analysis ${ratio.toFixed(2)} of the file`);
