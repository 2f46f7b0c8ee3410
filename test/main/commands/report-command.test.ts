import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runReportCommand } from '../../../src-main/commands/report-command.ts';
import { forkProcess } from '../../../src-main/engine/process-port.ts';
import { Bench } from '../../../src-main/work/bench.ts';
import { heardWork } from '../fake-bench.ts';
import { smallClassifier, writeModel } from '../onnx/onnx-models.ts';
import { temporaryFolder } from '../temporary-folder.ts';

test('a report is made of a sample by its name, as an analysis is', async () => {
  const dataFolder = temporaryFolder();
  const db = join(dataFolder, 'runs.sqlite');
  const bench = new Bench({
    version: '1.2.3',
    dataFolder,
    engineScript: resolve(import.meta.dirname, '../../../src-main/engine.ts'),
    db,
    spawn: forkProcess,
  });
  onTestFinished(() => bench.close());
  const context = {
    version: '1.2.3',
    dataFolder,
    db,
    work: heardWork(),
    note: () => undefined,
    progress: () => undefined,
  };
  const model = writeModel(dataFolder, 'net.onnx', smallClassifier());
  const out = join(dataFolder, 'report.html');
  await runReportCommand(['sample:pizza'], { out, model }, bench, context);
  expect(readFileSync(out, 'utf8')).toContain('pizza.jpg');
  await expect(runReportCommand(['sample:pudding'], { out, model }, bench, context)).rejects.toMatchObject({
    code: 'image-missing',
    message: 'no sample is called "pudding"',
  });
});
