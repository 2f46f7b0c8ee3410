#!/usr/bin/env node
// Starts the command line on a Node that can carry it. Plain JavaScript for any Node: an older one would not get through the
// native parts (they end the process without a word), so this hands over before anything else is loaded.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const LOWEST_NODE = [22, 12];

const project = dirname(dirname(realpathSync(fileURLToPath(import.meta.url))));
const cli = join(project, 'out', 'main', 'cli.js');

function isRecentEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > LOWEST_NODE[0] || (major === LOWEST_NODE[0] && minor >= LOWEST_NODE[1]);
}

function fail(message) {
  process.stderr.write(`fovea: ${message}\n`);
  process.exitCode = 1;
}

if (!existsSync(cli)) fail(`not built yet: run "npm ci" or "npm run build" in ${project}`);
else if (isRecentEnough(process.versions.node)) {
  const built = (file) => import(pathToFileURL(join(dirname(cli), file)).href);
  const first = process.argv[2] === 'analyze' ? await built('first-engine.js') : null;
  await built('cli.js');
  first?.dropFirst();
} else {
  const [system, program] = process.platform === 'win32' ? ['win', 'node.exe'] : [process.platform, 'node'];
  const node = join(project, 'node_modules', `node-${system}-${process.arch}`, 'bin', program);
  if (!existsSync(node)) fail(`needs Node ${LOWEST_NODE.join('.')} or newer, this is ${process.versions.node}`);
  else {
    const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' });
    // The terminal sends Ctrl-C to both; the child decides when it is done.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    child.on('exit', (code, signal) => {
      process.exitCode = code ?? (signal ? 1 : 0);
    });
  }
}
