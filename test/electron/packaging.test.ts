import { spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { readLock, shippedPackages } from '../../resources/notices/notices.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const PROJECT = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'fovea-package-'));
const resources = join(folder, 'dist', 'linux-unpacked', 'resources');

/** Electron's program is a file with this in it, then a version, a count, and a sign for every fuse. */
const FUSE_SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSES = [
  'runAsNode',
  'cookieEncryption',
  'nodeOptions',
  'nodeCliInspect',
  'embeddedAsarIntegrity',
  'onlyLoadAppFromAsar',
  'browserV8Snapshot',
  'fileProtocolPrivileges',
] as const;

/** What of an Electron distribution the packager looks at. */
function writeStubElectron(place: string): void {
  mkdirSync(join(place, 'resources'), { recursive: true });
  const { version } = JSON.parse(readFileSync(join(PROJECT, 'node_modules/electron/package.json'), 'utf8'));
  writeFileSync(join(place, 'version'), version);
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'chrome-sandbox']) writeFileSync(join(place, name), 'stub');
  const signs = '1'.repeat(FUSES.length + 1);
  writeFileSync(join(place, 'electron'), `stub ${FUSE_SENTINEL}\x01${String.fromCharCode(signs.length)}${signs}`, {
    mode: 0o755,
  });
}

interface ArchiveEntry {
  readonly files?: Readonly<Record<string, ArchiveEntry>>;
  readonly offset?: string;
  readonly size?: number;
  readonly unpacked?: boolean;
}

/** The files of an archive, by path. Format: github.com/electron/asar, "Format". */
function readArchive(path: string) {
  const file = openSync(path, 'r');
  const sizes = Buffer.alloc(16);
  readSync(file, sizes, 0, 16, 0);
  const header = Buffer.alloc(sizes.readUInt32LE(12));
  readSync(file, header, 0, header.length, 16);
  const start = 8 + sizes.readUInt32LE(4);
  const found = new Map<string, ArchiveEntry>();
  const visit = (entry: ArchiveEntry, below: string) => {
    for (const [name, child] of Object.entries(entry.files ?? {})) {
      if (child.files) visit(child, `${below}${name}/`);
      else found.set(`${below}${name}`, child);
    }
  };
  visit(JSON.parse(header.toString()), '');
  return {
    files: found,
    contentOf({ offset, size = 0 }: ArchiveEntry): Buffer {
      const content = Buffer.alloc(size);
      readSync(file, content, 0, size, start + Number(offset));
      return content;
    },
    close: () => closeSync(file),
  };
}

const canPackage = process.platform === 'linux' && process.arch === 'x64';

describe.runIf(canPackage)('the packaged application (tried out on Linux x64 alone)', () => {
  let archive: ReturnType<typeof readArchive>;

  beforeAll(() => {
    writeStubElectron(join(folder, 'electron'));
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(import.meta.dirname, 'pack-process.ts'), folder],
      {
        cwd: PROJECT,
        encoding: 'utf8',
      },
    );
    expect([status, status === 0 ? '' : stdout + stderr]).toEqual([0, '']);
    archive = readArchive(join(resources, 'app.asar'));
  });
  afterAll(() => {
    archive?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('holds the build, models, pictures and data, and nothing of the sources', () => {
    const names = [...archive.files.keys()].filter((name) => !name.startsWith('node_modules/'));
    for (const name of [
      'package.json',
      'out/main/index.js',
      'out/main/engine.js',
      'out/main/image-process.js',
      'out/preload/preload.cjs',
      'out/renderer/index.html',
    ])
      expect(names).toContain(name);
    expect(names.filter((name) => name.startsWith('models/') && name.endsWith('.onnx'))).not.toEqual([]);
    expect(names.filter((name) => name.startsWith('resources/samples/'))).not.toEqual([]);
    expect(names.filter((name) => /^(src-|test\/|models\/recipe)|\.(ts|svelte|map)$/.test(name))).toEqual([]);
  });

  test('has the native parts of its own system alone, as files', () => {
    const native = [...archive.files].filter(([name]) => /\.(node|so[.\d]*|dll|dylib)$/.test(name));
    expect(
      native
        .map(([name]) => name)
        .filter((name) => !name.includes('msgpackr-extract'))
        .sort(),
    ).toEqual([
      'node_modules/better-sqlite3/prebuilds/linux-x64.node',
      'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1',
      'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/onnxruntime_binding.node',
    ]);
    const opened = [...archive.files].filter(([name]) => /^(models|resources)\//.test(name));
    for (const [name, { unpacked }] of [...native, ...opened]) {
      expect([name, unpacked]).toEqual([name, true]);
      expect(existsSync(join(resources, 'app.asar.unpacked', name))).toBe(true);
    }
  });

  test('has the notices and the licence of every package inside, and packages of the lock file alone', () => {
    const lock = readLock(PROJECT);
    const shipped = shippedPackages(lock);
    const inside = new Set(
      [...archive.files.keys()].flatMap((name) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(name)?.[1] ?? []),
    );
    expect([...inside].filter((name) => !shipped.includes(name))).toEqual([]);
    const root = dirname(resources);
    const notices = readFileSync(join(root, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    // Those whose code lies in the bundles, too.
    for (const name of [...inside, 'zod', 'commander', 'svelte'])
      expect(notices).toContain(`\n${name} ${lock[`node_modules/${name}`]!.version} (`);
    expect(readFileSync(join(root, 'LICENSE.fovea.txt'), 'utf8')).toBe(readFileSync(join(PROJECT, 'LICENSE'), 'utf8'));
  });

  test('is offered by a Linux desktop for what it opens and nothing else, and keeps its sandbox', () => {
    const entry = readFileSync(join(folder, 'fovea.desktop'), 'utf8');
    const field = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(entry)?.[1] ?? '';
    const types = field('MimeType').split(';').filter(Boolean);
    expect(types.toSorted()).toEqual([
      'image/avif',
      'image/gif',
      'image/jpeg',
      'image/png',
      'image/tiff',
      'image/webp',
    ]);
    // Addresses and not paths: `pathsOfArguments` reads both.
    expect(field('Exec')).toBe('AppRun %U');
    expect(field('Categories')).toBe('Science;');
  });

  test('has its fuses set: no Node in disguise, no inspector, nothing but its own archive', () => {
    const program = readFileSync(join(dirname(resources), 'fovea'));
    const wire = program.subarray(program.indexOf(FUSE_SENTINEL) + FUSE_SENTINEL.length + 2);
    const state = Object.fromEntries(FUSES.map((fuse, index) => [fuse, String.fromCharCode(wire[index]!) === '1']));
    expect(state).toEqual({
      runAsNode: false,
      cookieEncryption: false,
      nodeOptions: false,
      nodeCliInspect: false,
      embeddedAsarIntegrity: true,
      onlyLoadAppFromAsar: true,
      browserV8Snapshot: false,
      fileProtocolPrivileges: false,
    });
  });

  test('lacks nothing it needs to analyse an image', () => {
    const place = join(folder, 'unpacked');
    cpSync(join(resources, 'app.asar.unpacked'), place, { recursive: true });
    for (const [name, entry] of archive.files) {
      if (entry.unpacked || entry.offset === undefined) continue;
      mkdirSync(dirname(join(place, name)), { recursive: true });
      writeFileSync(join(place, name), archive.contentOf(entry));
    }
    const samples = [...archive.files.keys()].filter((name) => name.startsWith('resources/samples/'));
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(place, 'out/main/cli.js'), 'analyze', '--json'],
      {
        env: { ...process.env, FOVEA_DATA: join(folder, 'data') },
        encoding: 'utf8',
        maxBuffer: 2 ** 28,
      },
    );
    expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toHaveLength(samples.length);
  });
});
