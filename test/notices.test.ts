import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkLicence, INSTALL_ONLY, noticesText, readLock, shippedPackages } from '../resources/notices/notices.ts';

const PROJECT = join(import.meta.dirname, '..');
const lock = readLock(PROJECT);

test('the licence of everything that ships, for any system, is one that somebody has looked at', () => {
  const shipped = shippedPackages(lock);
  expect(shipped).toEqual(expect.arrayContaining(['onnxruntime-node', '@img/sharp-libvips-darwin-arm64', 'ws', 'zod']));
  for (const name of shipped) expect(checkLicence(name, lock[`node_modules/${name}`]!)).toBeTruthy();
  expect(() => checkLicence('new', { license: 'AGPL-3.0' })).toThrow('new: licence AGPL-3.0 is not known');
  expect(() => checkLicence('new', {})).toThrow('new: licence none is not known');
});

test('what only install scripts need does not ship', () => {
  const shipped = shippedPackages(lock);
  for (const name of Object.values(INSTALL_ONLY).flat()) {
    expect(lock).toHaveProperty([`node_modules/${name}`]);
    expect(shipped).not.toContain(name);
  }
  expect(shipped.filter((name) => name.startsWith('node-'))).toEqual(['node-gyp-build-optional-packages']);
});

test('the notices hold name, version and text of each, the sources of what is under the LGPL, and ONNX Runtime’s own', () => {
  const text = noticesText(PROJECT, [...shippedPackages(lock), 'svelte']);
  for (const name of ['onnxruntime-node', '@img/sharp-wasm32', 'svelte', 'zod', 'msgpackr'])
    expect(text).toContain(`\n${name} ${lock[`node_modules/${name}`]!.version} (`);
  for (const words of [
    'Copyright (c) Microsoft Corporation',
    'THIRD PARTY SOFTWARE NOTICES AND INFORMATION',
    'https://github.com/libvips/libvips',
    'GNU LESSER GENERAL PUBLIC LICENSE',
    '"vips": "8.',
    'Svelte Contributors',
  ])
    expect(text).toContain(words);
  expect(() => noticesText(PROJECT, ['absent'])).toThrow('absent is not in the lock file');
});

test('the texts kept here are of the version that is installed', () => {
  const { version } = lock['node_modules/onnxruntime-node']!;
  expect(existsSync(join(PROJECT, 'resources', 'notices', `onnxruntime-${version}`))).toBe(true);
});

test('each package of the lock file has a digest, and none runs a script when it is installed', () => {
  const { allowScripts } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
    allowScripts: Record<string, boolean>;
  };
  expect(Object.values(allowScripts)).not.toContain(true);
  const locked = JSON.parse(readFileSync(join(PROJECT, 'package-lock.json'), 'utf8')).packages as Record<
    string,
    { integrity?: string; inBundle?: boolean }
  >;
  const loose = Object.entries(locked).filter(([path, { integrity, inBundle }]) => path && !integrity && !inBundle);
  expect(loose.map(([path]) => path)).toEqual([]);
});
