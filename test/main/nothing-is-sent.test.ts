import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { samples } from '../../src-main/images/samples.ts';
import { childEnvironment } from '../../src-main/engine/process-port.ts';
import { fovea } from './fovea.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('engines of either shell are started with the telemetry of ONNX Runtime off', () => {
  expect(childEnvironment()).toMatchObject({ ORT_DISABLE_TELEMETRY: '1' });
});

test('a fresh home stays clean: nothing is left outside of the data folder', async () => {
  const folder = temporaryFolder();
  const home = join(folder, 'home');
  const dataFolder = join(home, 'fovea-data');
  mkdirSync(dataFolder, { recursive: true });
  // Build servers are spared by the library: a user's machine has no CI in its environment.
  const env: NodeJS.ProcessEnv = { ...process.env, HOME: home, USERPROFILE: home };
  for (const name of ['CI', 'ORT_DISABLE_TELEMETRY', 'XDG_CACHE_HOME', 'XDG_DATA_HOME']) delete env[name];
  const [photo] = samples();
  const analysed = await fovea(['analyze', photo!], { cwd: folder, dataFolder, env });
  expect(analysed).toMatchObject({ code: 0 });
  const evaluated = await fovea(['batch', join(photo!, '..'), '--workers', '1'], { cwd: folder, dataFolder, env });
  expect(evaluated).toMatchObject({ code: 0 });
  expect(readdirSync(home)).toEqual(['fovea-data']);
});
