import { execFile } from 'node:child_process';
import { accessSync, constants, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { version } from '../../package.json' with { type: 'json' };
import { builtFile } from '../built.ts';
import { temporaryFolder } from './temporary-folder.ts';

const PROJECT = join(import.meta.dirname, '..', '..');
const LAUNCHER = join(PROJECT, 'bin', 'fovea');
const PHOTO = join(PROJECT, 'resources', 'samples', 'watch.jpg');
const run = promisify(execFile);

/** Loaded into every Node process of a command: writes down which scripts it starts as processes. */
const TELLS_OF_FORKS = `
import childProcess from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const { fork } = childProcess;
if (!process.send)
  childProcess.fork = (script, ...more) => {
    appendFileSync(process.env.FORKED, script + '\\n');
    return fork(script, ...more);
  };
syncBuiltinESMExports();
`;

describe.skipIf(process.platform === 'win32')('bin/fovea', () => {
  it('runs by its path and through links, with what any user may do', async () => {
    builtFile('cli.js');
    const folder = temporaryFolder();
    symlinkSync(LAUNCHER, join(folder, 'linked'));
    symlinkSync('linked', join(folder, 'twice'));
    for (const program of [LAUNCHER, join(folder, 'twice')])
      expect((await run(program, ['--version'], { cwd: folder })).stdout).toBe(`${version}\n`);
  });

  it('starts the engine of an analysis beforehand, and leaves none behind where it is not needed', async () => {
    builtFile('cli.js');
    const env = { ...process.env, FOVEA_DATA: temporaryFolder() };
    const analyze = async () =>
      JSON.parse((await run(LAUNCHER, ['analyze', 'sample:watch', '--json'], { env })).stdout) as {
        fromEarlierRun: boolean;
      };
    expect((await analyze()).fromEarlierRun).toBe(false);
    expect((await analyze()).fromEarlierRun).toBe(true);
    // A process that was left would keep these from ending.
    expect((await run(LAUNCHER, ['analyze', '--help'], { env })).stdout).toContain('Usage: fovea analyze');
    await expect(run(LAUNCHER, ['analyze', '--unheard-of'], { env })).rejects.toMatchObject({ code: 2 });
    await expect(run(LAUNCHER, ['analyze', '--model', 'unheard-of'], { env })).rejects.toMatchObject({
      stderr: expect.stringContaining('unheard-of'),
    });
  }, 60_000);

  it('starts no engine for a photo that has been analysed', async () => {
    builtFile('cli.js');
    const folder = temporaryFolder();
    const [loaded, forked] = [join(folder, 'forks.mjs'), join(folder, 'forked')];
    writeFileSync(loaded, TELLS_OF_FORKS);
    const env = {
      ...process.env,
      FOVEA_DATA: join(folder, 'data'),
      NODE_OPTIONS: `--import=${loaded}`,
      FORKED: forked,
    };
    const forks = async (...words: readonly string[]) => {
      writeFileSync(forked, '');
      await run(LAUNCHER, ['analyze', PHOTO, '--quiet', ...words], { env });
      return readFileSync(forked, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((script) => basename(script));
    };
    expect(await forks()).toEqual(['engine.js']);
    expect(await forks()).toEqual([]);
    expect(await forks('sample:watch')).toEqual([]);
    expect(await forks('--metric', 'uniform', '--bits', '8')).toEqual(['engine.js']);
    expect(await forks('--no-cache')).toEqual(['engine.js']);
    const other = ['--db', join(folder, 'other.sqlite')];
    expect(await forks(...other)).toEqual(['engine.js']);
    expect(await forks(...other)).toEqual([]);
  }, 60_000);

  it('needs no Node of the machine on Linux, and says what is missing elsewhere', async () => {
    builtFile('cli.js');
    const programs = temporaryFolder();
    for (const name of ['sh', 'dirname', 'readlink', 'uname']) symlinkSync(found(name), join(programs, name));
    const launched = run(LAUNCHER, ['--version'], { env: { PATH: programs } });
    if (process.platform === 'linux') expect((await launched).stdout).toBe(`${version}\n`);
    else await expect(launched).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('there is no Node') });
  });

  it('is what npm install --global . puts on the path, too', async () => {
    builtFile('cli.js');
    const prefix = temporaryFolder();
    const words = [
      'install',
      '--global',
      '--ignore-scripts',
      '--offline',
      '--no-audit',
      '--no-fund',
      '--prefix',
      prefix,
    ];
    await run('npm', [...words, PROJECT]);
    expect((await run(join(prefix, 'bin', 'fovea'), ['--version'], { cwd: prefix })).stdout).toBe(`${version}\n`);
  });
});

/** A program of the machine. */
function found(name: string): string {
  const places = (process.env.PATH ?? '').split(delimiter).concat(dirname(process.execPath));
  const place = places.find((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  return join(place!, name);
}
