import { Packr } from 'msgpackr';
import { spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';

const PROJECT = resolve(import.meta.dirname, '../..');
const START = join(PROJECT, 'src-main', 'start.mjs');
/** A place where no Electron can be downloaded from. */
const NOWHERE = 'http://127.0.0.1:1/';

let folder: string;
let children: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-start-'));
  children = [];
});
afterEach(() => {
  for (const child of children) if (child.pid && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Runs `npm start`'s script with nothing of this machine's display, in a process group of its own. */
function start(environment: Record<string, string> = {}, ...names: string[]) {
  const env: NodeJS.ProcessEnv = { ...process.env, FOVEA_DATA: join(folder, 'data'), ELECTRON_MIRROR: NOWHERE };
  delete env.DISPLAY;
  delete env.WAYLAND_DISPLAY;
  Object.assign(env, environment);
  const child = spawn(process.execPath, [START, ...names], { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (output.stdout += chunk));
  child.stderr.on('data', (chunk) => (output.stderr += chunk));
  /** What it said, but that it had to be built: whether it had is not what these tests are about. */
  const said = () => output.stderr.replace('Building Fovea.\n', '');
  const exit = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const address = async () => {
    await expect.poll(() => output.stdout).toMatch(/^Fovea: http\S+\n/);
    return new URL(output.stdout.split(/\s/)[1]!);
  };
  return { child, output, said, exit, address };
}

function program(name: string, script: string): string {
  const path = join(folder, 'bin');
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(path, name), 0o755);
  return path;
}

function childrenOf(parent: number): string[] {
  const numbers = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return numbers.filter((id) => {
    try {
      return readFileSync(`/proc/${id}/status`, 'utf8').includes(`\nPPid:\t${parent}\n`);
    } catch {
      return false;
    }
  });
}

const isLinux = process.platform === 'linux';

describe.runIf(isLinux)('npm start', () => {
  test('without a display says so in one line and prints the address of the browser host', async () => {
    const { child, said, exit, address } = start();
    const { origin, hash } = await address();
    expect(hash).toMatch(/^#token=[\w-]{43}$/);
    expect(said()).toBe('There is no display: Fovea runs as a page of your browser instead.\n');
    const page = await fetch(origin);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await page.text()).toContain('<title>Fovea</title>');
    expect(readdirSync(join(folder, 'data', 'uploads'))).toHaveLength(1);

    child.kill('SIGINT');
    expect(await exit).toBe(0);
    expect(readdirSync(join(folder, 'data', 'uploads'))).toEqual([]);
  });

  test('with a display and no Electron to be had opens the browser, which gets a code and not the token', async () => {
    const opened = join(folder, 'opened');
    const path = program('xdg-open', `printf %s "$1" > ${opened}.part; mv ${opened}.part ${opened}`);
    const { said, address } = start({
      DISPLAY: ':9',
      PATH: `${path}${delimiter}${process.env.PATH}`,
      ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'no-electron'),
    });
    const { origin, hash } = await address();
    expect(said()).toBe(
      "Electron's program is missing and cannot be downloaded: Fovea runs as a page of your browser instead.\n",
    );
    await expect.poll(() => existsSync(opened)).toBe(true);
    // The process list shows a file that this user alone can read, and not the code.
    const file = fileURLToPath(readFileSync(opened, 'utf8'));
    expect(statSync(file).mode & 0o077).toBe(0);
    const once = new URL(/url=([^"]+)"/.exec(readFileSync(file, 'utf8'))![1]!);
    expect(once.origin).toBe(origin);
    expect(once.href).not.toContain(hash.slice('#token='.length));
    const answer = await fetch(`${origin}/token`, {
      method: 'POST',
      headers: { origin, authorization: `Bearer ${once.hash.slice('#code='.length)}` },
    });
    expect(await answer.text()).toBe(hash.slice('#token='.length));
  });

  test('with Electron runs it on this project, hands over the files, and ends with it', async () => {
    const path = program('electron', 'printf "%s\\n" "$@"');
    const { output, said, exit } = start({ DISPLAY: ':9', ELECTRON_OVERRIDE_DIST_PATH: path }, 'a.jpg', 'b c.onnx');
    expect(await exit).toBe(0);
    expect(output.stdout.split('\n')).toEqual([PROJECT, 'a.jpg', 'b c.onnx', '']);
    expect(said()).toBe('');
  });

  test('with an Electron that cannot start says so and takes the browser', async () => {
    const path = program('electron', 'echo "libnss3.so: cannot open shared object file" >&2; exit 127');
    // The clock of `npm start` stands still: however long the program takes to end, it ends soon.
    const clock = join(folder, 'clock.mjs');
    writeFileSync(clock, `if (process.argv[1] === ${JSON.stringify(START)}) Date.now = () => 0;`);
    const { said, address } = start({
      DISPLAY: ':9',
      NODE_OPTIONS: `--import ${pathToFileURL(clock).href}`,
      PATH: `${program('xdg-open', 'exit 0')}${delimiter}${process.env.PATH}`,
      ELECTRON_OVERRIDE_DIST_PATH: path,
    });
    await address();
    expect(said()).toContain('libnss3.so');
    expect(said()).toContain('Electron could not start: Fovea runs as a page of your browser instead.\n');
  });
});

describe.runIf(isLinux)('a browser host that is killed', () => {
  test('takes its processes with it, and the next one empties what was sent to it', async () => {
    const first = start();
    const { origin, hash } = await first.address();
    const sent = await fetch(`${origin}/uploads/batch/a.jpg`, {
      method: 'PUT',
      body: 'private',
      headers: { origin, authorization: `Bearer ${hash.slice('#token='.length)}` },
    });
    expect(sent.status).toBe(201);
    const socket = new WebSocket(origin.replace('http', 'ws'), ['fovea', `token.${hash.slice('#token='.length)}`], {
      origin,
    });
    await new Promise((resolve) => socket.on('open', resolve));
    const packr = new Packr({ useRecords: false });
    const answered = new Promise((resolve) =>
      socket.on('message', (data: Buffer) => packr.unpack(data).kind === 'result' && resolve(data)),
    );
    socket.send(packr.pack({ kind: 'request', id: 1, procedure: 'models.list', input: {} }));
    await answered;
    const [owner] = readdirSync(join(folder, 'data', 'uploads'));
    const pid = Number(owner!.split('-')[0]);
    expect(existsSync(join(folder, 'data', 'uploads', owner!, 'batch', 'a.jpg'))).toBe(true);

    const processes = childrenOf(pid);
    expect(processes).not.toEqual([]);
    process.kill(pid, 'SIGKILL');
    await first.exit;
    expect(existsSync(join(folder, 'data', 'uploads', owner!, 'batch', 'a.jpg'))).toBe(true);
    await expect.poll(() => processes.filter((id) => existsSync(`/proc/${id}`))).toEqual([]);
    await start().address();
    expect(existsSync(join(folder, 'data', 'uploads', owner!))).toBe(false);
  });
});
