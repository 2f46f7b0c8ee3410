import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { listRuns } from '../../src-main/store/run-query.ts';
import { openRunStore } from '../../src-main/store/run-store.ts';
import { builtFile } from '../built.ts';
import { picture } from '../main/engine/inside/engine-scene.ts';
import { smallClassifier, writeModel } from '../main/onnx/onnx-models.ts';
import { temporaryFolder } from '../main/temporary-folder.ts';

// Each script of resources/cluster as it is, with a stand-in for the scheduler that gives tasks what they have of it.

const yaml = createRequire(import.meta.url)('js-yaml') as { load(text: string): unknown };
const PROJECT = join(import.meta.dirname, '..', '..');
const CLUSTER = join(PROJECT, 'resources', 'cluster');
const FOVEA = join(PROJECT, 'bin', 'fovea');
const IMAGES = 5;
/** Begins a stand-in: `words` are its arguments, `run` starts a program as one task, `option` reads a value from its options. */
const STAND_IN = `#!${process.execPath}
const { appendFileSync, copyFileSync, mkdtempSync } = require('node:fs');
const { execFileSync } = require('node:child_process');
const { join } = require('node:path');
const words = process.argv.slice(2);
appendFileSync(process.env.CALLS, words.join(' ') + '\\n');
const run = (program, its, variables) =>
  execFileSync(program, its, { env: { ...process.env, ...variables }, stdio: ['ignore', 2, 2] });
`;

/** Does jobs at once, and the tasks of an array one after another; as Slurm does, it runs a copy of the script, from elsewhere. */
const SBATCH = `${STAND_IN}
const at = words.findIndex((word) => !word.startsWith('--'));
const tasks = Number(words.slice(0, at).find((word) => word.startsWith('--array='))?.replace('--array=1-', '') ?? 0);
const script = join(mkdtempSync(join(process.env.SPOOL, 'job-')), 'slurm_script');
copyFileSync(words[at], script);
for (let id = Math.min(1, tasks); id <= tasks; id++)
  run(script, words.slice(at + 1), tasks === 0 ? {} : {
    SLURM_ARRAY_TASK_ID: id, SLURM_ARRAY_TASK_COUNT: tasks, SLURM_ARRAY_TASK_MIN: 1, SLURM_ARRAY_TASK_MAX: tasks,
  });
console.log(1000 + require('node:fs').readFileSync(process.env.CALLS, 'utf8').split('\\n').length + ';cluster');
`;

/** Runs what follows the options once for each word after \`:::\`. */
const PARALLEL = `${STAND_IN}
const end = words.indexOf(':::');
const begin = words.indexOf('-N0') + 1;
words.slice(end + 1).forEach((_, at) => run(words[begin], words.slice(begin + 1, end), { PARALLEL_SEQ: at + 1 }));
`;

interface Scene {
  readonly folder: string;
  readonly photos: string;
  /** Options of a command on the photos. */
  readonly options: readonly string[];
  run(program: string, words: readonly string[], variables?: Readonly<Record<string, string>>): Promise<string>;
  /** What was asked of the stand-in. */
  calls(): string[];
}

async function scene(): Promise<Scene> {
  builtFile('cli.js');
  const folder = temporaryFolder();
  const photos = join(folder, 'some photos');
  mkdirSync(photos);
  // Their digests, which decide on the halves, are the same in every run.
  for (let image = 0; image < IMAGES; image++) await picture(join(photos, `${image}.png`), image);
  const programs = join(folder, 'programs');
  mkdirSync(programs);
  for (const [name, text] of Object.entries({ sbatch: SBATCH, parallel: PARALLEL }))
    writeFileSync(join(programs, name), text, { mode: 0o755 });
  const environment = {
    ...process.env,
    PATH: `${programs}${delimiter}${process.env.PATH}`,
    FOVEA_DATA: join(folder, 'data'),
    SPOOL: folder,
    CALLS: join(folder, 'calls'),
  };
  return {
    folder,
    photos,
    options: ['--model', writeModel(folder, 'small.onnx', smallClassifier()), '--workers', '1'],
    run: (program, words, variables = {}) =>
      new Promise((resolve, reject) => {
        execFile(program, words, { cwd: folder, env: { ...environment, ...variables } }, (error, stdout, stderr) =>
          error ? reject(new Error(stderr, { cause: error })) : resolve(stdout),
        );
      }),
    calls: () => readFileSync(environment.CALLS, 'utf8').trim().split('\n'),
  };
}

/** The run of a store that is no search: what it says of its results. */
function resultOf(db: string) {
  using store = openRunStore(db);
  const runs = listRuns(store).filter(({ id }) => !id.startsWith('search-'));
  return runs.map(({ status, images, failed, resultsSha256 }) => ({ status, images, failed, resultsSha256 }));
}

const withoutRun = (report: string) => report.replace(/Run: \S+,/, '');

describe.skipIf(process.platform === 'win32')('a script for', () => {
  it('Slurm searches once, cuts, and merges into what one machine gives', async () => {
    const { folder, photos, options, run, calls } = await scene();
    const out = join(folder, 'out of Slurm');
    const told = await run(join(CLUSTER, 'slurm.sh'), ['2', out, 'reproduce', photos, ...options]);
    const whole = join(folder, 'whole.sqlite');
    const report = await run(FOVEA, ['reproduce', photos, ...options, '--db', whole]);
    const jobs = calls();
    expect(jobs.map((call) => /--job-name=(\S+)/.exec(call)![1])).toEqual([
      'fovea-search',
      'fovea-shard',
      'fovea-merge',
    ]);
    expect(jobs[1]).toMatch(/--array=1-2 --dependency=afterok:1002 /);
    expect(jobs[2]).toContain('--dependency=afterok:1003 ');
    expect(told).toBe('1004\n');
    expect(readdirSync(join(out, 'shards'))).toEqual(['1.sqlite', '2.sqlite']);
    expect(resultOf(join(out, 'merged.sqlite'))).toEqual(resultOf(whole));
    expect(withoutRun(readFileSync(join(out, 'report.txt'), 'utf8'))).toBe(withoutRun(report));
  });

  it('Kubernetes and GNU parallel gives what one machine gives', async () => {
    const { folder, photos, options, run } = await scene();
    const whole = join(folder, 'whole.sqlite');
    await run(FOVEA, ['batch', photos, ...options, '--db', whole, '--quiet']);

    const pods = join(folder, 'pods');
    const shards = jobOf('kubernetes-shards.yaml');
    expect(shards.environment).toEqual({ SHARD: `auto/${shards.completions}` });
    const inPod = ({ program, words }: Job, variables: Readonly<Record<string, string>>) =>
      run(
        program.replace('/opt/fovea', PROJECT),
        [...words.map((word) => ({ '/out': pods, '/photos': photos })[word] ?? word), ...options],
        variables,
      );
    for (let index = 0; index < shards.completions!; index++)
      await inPod(shards, { ...shards.environment, JOB_COMPLETION_INDEX: `${index}` });
    await inPod(jobOf('kubernetes-merge.yaml'), {});

    const parallel = join(folder, 'parallel');
    await run(join(CLUSTER, 'parallel.sh'), ['2', parallel, 'batch', photos, ...options]);
    for (const out of [pods, parallel]) {
      expect(resultOf(join(out, 'merged.sqlite'))).toEqual(resultOf(whole));
      expect(existsSync(join(out, 'report.html'))).toBe(true);
    }
  });

  it('a container copies all that its command line needs', async () => {
    const { folder, run } = await scene();
    const image = join(folder, 'image');
    const steps = readFileSync(join(CLUSTER, 'Containerfile'), 'utf8').split('\n');
    for (const step of steps.filter((line) => line.startsWith('COPY ') && !line.includes('--from')))
      for (const source of step.split(' ').slice(1, -1)) {
        expect([source, existsSync(join(PROJECT, source))]).toEqual([source, true]);
        mkdirSync(dirname(join(image, source)), { recursive: true });
        symlinkSync(join(PROJECT, source), join(image, source));
      }
    // What the build makes there.
    for (const made of ['out', 'node_modules']) symlinkSync(join(PROJECT, made), join(image, made));
    const entry = /^ENTRYPOINT \["(.*)"\]$/m.exec(steps.join('\n'))![1]!;
    expect(await run(entry.replace('/opt/fovea', image), ['--version'])).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

interface Job {
  readonly completions: number | undefined;
  readonly program: string;
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

const jobSchema = z.object({
  kind: z.literal('Job'),
  spec: z.object({
    completions: z.int().optional(),
    template: z.object({
      spec: z.object({
        containers: z.tuple([
          z.object({
            command: z.tuple([z.string()]),
            args: z.array(z.string()),
            env: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
          }),
        ]),
      }),
    }),
  }),
});

function jobOf(file: string): Job {
  const { completions, template } = jobSchema.parse(yaml.load(readFileSync(join(CLUSTER, file), 'utf8'))).spec;
  const [{ command, args, env }] = template.spec.containers;
  return {
    completions,
    program: command[0],
    words: args,
    environment: Object.fromEntries(env.map(({ name, value }) => [name, value])),
  };
}
