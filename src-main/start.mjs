// What `npm start` runs: the desktop application, or the browser host where there is no Electron or no display.
// Plain JavaScript: it may be started by a Node that is too old for everything else.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));
const ELECTRON = join(PROJECT, 'node_modules', 'electron');
/** A host that does not answer in this time is out of reach. */
const REACH_MILLISECONDS = 3000;
/** An Electron that ends with an error this soon could not start: libraries are missing, or the sandbox is refused. */
const START_MILLISECONDS = 5000;

const files = process.argv.slice(2);

build();
const reason = await desktopApplication();
if (reason !== null) {
  console.error(`${reason}: Fovea runs as a page of your browser instead.`);
  await run(process.execPath, [join(PROJECT, 'src-main', 'fovea.mjs'), 'serve']);
}

/** Builds when there is no build, or when a source is newer. */
function build() {
  const built = ['main/index.js', 'main/cli.js', 'renderer/index.html'].map((file) => join(PROJECT, 'out', file));
  const sources = ['src-main', 'src-renderer', 'src-shared'].map((folder) => join(PROJECT, folder));
  const oldest = built.every(existsSync) ? Math.min(...built.map((file) => statSync(file).mtimeMs)) : 0;
  if (Math.max(...sources.map(newest)) <= oldest) return;
  console.error('Building Fovea.');
  const bundler = join(PROJECT, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const { status } = spawnSync(process.execPath, [bundler, 'build', '--logLevel', 'error'], {
    cwd: PROJECT,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) process.exit(status ?? 1);
}

function newest(folder) {
  const times = readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? newest(path) : statSync(path).mtimeMs;
  });
  return Math.max(0, ...times);
}

/** Runs the desktop application to its end; gives the reason where it cannot run. */
async function desktopApplication() {
  if (!hasDisplay()) return 'There is no display';
  const program = await electronProgram();
  if (program === null) return "Electron's program is missing and cannot be downloaded";
  const started = Date.now();
  const status = await run(program, [PROJECT, ...files]);
  return status !== 0 && Date.now() - started < START_MILLISECONDS ? 'Electron could not start' : null;
}

function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

async function electronProgram() {
  const installed = installedElectron();
  if (installed !== null) return installed;
  const { version } = JSON.parse(readFileSync(join(ELECTRON, 'package.json'), 'utf8'));
  if (!(await isReachable(version))) return null;
  console.error(`Downloading Electron ${version}, once.`);
  spawnSync(process.execPath, [join(ELECTRON, 'install.js')], { stdio: ['ignore', 'inherit', 'inherit'] });
  return installedElectron();
}

/** As the electron package itself finds its program, without its download. */
function installedElectron() {
  const pathFile = join(ELECTRON, 'path.txt');
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : 'electron';
  const program = join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(ELECTRON, 'dist'), name);
  return existsSync(program) ? program : null;
}

async function isReachable(version) {
  const releases = process.env.ELECTRON_MIRROR ?? 'https://github.com/electron/electron/releases/download/';
  try {
    const signal = AbortSignal.timeout(REACH_MILLISECONDS);
    return (await fetch(`${releases}v${version}/SHASUMS256.txt`, { method: 'HEAD', signal })).ok;
  } catch {
    return false;
  }
}

/** Runs a program in the place of this one: it has the terminal, and its signals. Gives its exit code. */
function run(program, programArguments) {
  return new Promise((resolve) => {
    const child = spawn(program, programArguments, { stdio: 'inherit' });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    child.on('error', () => resolve(1));
    child.on('exit', (code) => {
      process.exitCode = code ?? 1;
      resolve(process.exitCode);
    });
  });
}
