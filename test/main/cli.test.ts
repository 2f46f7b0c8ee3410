import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { version } from '../../package.json' with { type: 'json' };
import type { Analysis } from '../../src-shared/analysis.ts';
import { builtFile } from '../built.ts';
import { fovea, type CommandOutcome } from './fovea.ts';
import { smallClassifier, writeModel } from './onnx/onnx-models.ts';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-cli-'));
  writeModel(folder, 'small.onnx', smallClassifier());
  for (const [name, colour] of [
    ['red.png', '#c33'],
    ['blue photo.jpg', '#33c'],
  ] as const)
    await sharp({ create: { width: 60, height: 40, channels: 3, background: colour } }).toFile(join(folder, name));
  writeFileSync(join(folder, 'text.jpg'), 'This is no picture.\n');
  writeFileSync(join(folder, 'truncated.onnx'), smallClassifier().bytes.slice(0, 2000));
  writeFileSync(join(folder, 'empty.onnx'), '');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...words: string[]): Promise<CommandOutcome> =>
  fovea(words, { cwd: folder, dataFolder: join(folder, 'data') });
const analyze = (...words: string[]) => run('analyze', '--model', 'small.onnx', ...words);

/** What a failed command says: one line of what, one of what to do; never a stack trace; nothing on stdout. */
function expectFailure({ code, stdout, stderr }: CommandOutcome, exitCode: number, words: RegExp): void {
  expect(stderr).toMatch(words);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(stdout).toBe('');
  expect(code).toBe(exitCode);
}

describe('help', () => {
  test.each(['models', 'runs'])('of %s fits a terminal of 80 columns', async (command) => {
    const { stdout } = await run(command, '--help');
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('names the commands, and comes without loading what they need', async () => {
    const { code, stdout, stderr } = await run('--help');
    expect([code, stderr]).toEqual([0, '']);
    for (const command of ['analyze', 'batch', 'energy', 'models', 'runs', 'serve'])
      expect(stdout).toContain(`  ${command}`);
  });

  test('of a command explains its options; the version is that of the package', async () => {
    const [help, number] = await Promise.all([run('analyze', '--help'), run('--version')]);
    for (const option of [
      '--metric',
      '--regions',
      '--low-share',
      '--threshold',
      '--bits',
      '--range',
      '--quantiser',
      '--out',
      '--json',
    ])
      expect(help.stdout).toContain(option);
    expect(number.stdout).toBe(`${version}\n`);
  });
});

describe('analyze', () => {
  test('prints one JSON document and nothing else', async () => {
    const { code, stdout } = await analyze('red.png', '--bits', '6,2', '--json');
    expect(code).toBe(0);
    const analysis = JSON.parse(stdout) as Analysis;
    expect(analysis).toMatchObject({
      image: { path: join(folder, 'red.png'), width: 60, height: 40 },
      plan: { bits: [2, 6] },
    });
    for (const field of [
      'version',
      'model',
      'baseline',
      'quantised',
      'top1Kept',
      'top5Kept',
      'importance',
      'layers',
      'energy',
      'timings',
    ])
      expect(analysis).toHaveProperty(field);
  });

  test('prints a table, and draws the maps', async () => {
    const { code, stdout, stderr } = await analyze('blue photo.jpg', '--out', 'maps');
    expect(code).toBe(0);
    expect(stdout).toContain('blue photo.jpg  60 x 40');
    expect(stdout).toMatch(/conv_\d+ +3 x 16 x 16/);
    expect(stderr).toContain('preset "imagenet"');
    expect(readdirSync(join(folder, 'maps')).sort()).toEqual([
      'blue photo-bits.png',
      'blue photo-importance.png',
      'blue photo-levels.png',
    ]);
  });

  test('with one bad image among several analyses the others and exits with 3', async () => {
    const { code, stdout, stderr } = await analyze('red.png', 'text.jpg', 'blue photo.jpg', '--json', '--quiet');
    expect(code).toBe(3);
    expect((JSON.parse(stdout) as Analysis[]).map((analysis) => analysis.image.path)).toEqual([
      join(folder, 'red.png'),
      join(folder, 'blue photo.jpg'),
    ]);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain('text.jpg');
  });
});

test.each<[string, string[], number, RegExp]>([
  ['a missing image', ['analyze', 'gone.png', '--model', 'small.onnx', '--json'], 1, /gone\.png.*\[image-missing\]/],
  ['a missing model', ['analyze', 'red.png', '--model', 'gone.onnx'], 1, /gone\.onnx.*\[model-missing\]/],
  ['an empty model', ['analyze', 'red.png', '--model', 'empty.onnx'], 1, /empty\.onnx.*\[model-empty\]/],
  [
    'a truncated model',
    ['analyze', 'red.png', '--model', 'truncated.onnx', '--json'],
    1,
    /truncated\.onnx.*\[model-damaged\]/,
  ],
  ['an unknown model', ['analyze', 'red.png', '--model', 'nobody'], 1, /nobody.*\[model-unknown\]/],
  ['bits of 17', ['analyze', 'red.png', '--bits', '17'], 2, /bits.*17.*\[bad-plan\]/],
  ['bits of -1', ['analyze', 'red.png', '--bits=-1'], 2, /bits.*-1.*\[bad-plan\]/],
  ['bits of 2.5', ['analyze', 'red.png', '--bits', '4,2.5', '--json'], 2, /bits.*2\.5.*\[bad-plan\]/],
  ['bits that are words', ['analyze', 'red.png', '--bits', 'many'], 2, /expected a number, found "many"/],
  ['a grid of 0', ['analyze', 'red.png', '--regions', '0'], 2, /regions.*\[bad-plan\]/],
  ['a grid of 1000', ['analyze', 'red.png', '--regions', '1000'], 2, /regions.*1000.*\[bad-plan\]/],
  ['a share of 1.2', ['analyze', 'red.png', '--low-share', '1.2'], 2, /share.*1\.2.*\[bad-plan\]/],
  [
    'an unknown option',
    ['analyze', 'red.png', '--depth', '3'],
    2,
    /^fovea: unknown option '--depth' \[bad-argument\]\n {2}fovea --help/,
  ],
  ['an unknown command', ['analyse', 'red.png'], 2, /^fovea: unknown command 'analyse' .*analyze.* \[bad-argument\]\n/],
])('%s is refused with its exit code', async (_, words, code, message) => {
  expectFailure(await run(...words), code, message);
});

describe.skipIf(!existsSync('/dev/full'))('a full stdout', () => {
  test.each([
    [['--help']],
    [['analyze', '--help']],
    [['--version']],
    [['energy', '--network', 'vgg16', '--json']],
    [['serve', '--no-open']],
  ])('of fovea %j is told of in a line, and is no defect', (words) => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [builtFile('cli.js'), ...words], {
      env: { ...process.env, FOVEA_DATA: join(folder, 'data') },
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(full);
    expect([status, stderr]).toEqual([
      1,
      'fovea: stdout: cannot be written (ENOSPC: no space left on device, write) [output-unwritable]\n  Make room where it leads, or lead it elsewhere.\n',
    ]);
  });
});

describe.skipIf(process.platform === 'win32')('a command that is asked to end', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends well: %s', async (signal) => {
    const child = spawn(process.execPath, [builtFile('cli.js'), 'serve', '--no-open'], {
      env: { ...process.env, FOVEA_DATA: join(folder, 'data') },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (chunk) => (said += String(chunk)));
    const exit = once(child, 'exit');
    await once(child.stdout, 'data');
    child.kill(signal);
    expect([await exit, said]).toEqual([[0, null], expect.stringContaining('Fovea has ended.')]);
  });
});
