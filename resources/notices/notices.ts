// What is told of the work of others that packages of Fovea contain: collected at each build into out/THIRD-PARTY-NOTICES.txt.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'vite';

/** A package as `package-lock.json` has it, by its path in the project. */
export interface LockedPackage {
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
export type Lock = Readonly<Record<string, LockedPackage>>;

/** Licences that have been looked at. One that is not here ends the build until somebody has. */
const KNOWN_LICENCES = [
  'MIT',
  'ISC',
  '0BSD',
  'BSD-3-Clause',
  'Apache-2.0',
  'LGPL-3.0-or-later',
  'Apache-2.0 AND LGPL-3.0-or-later',
  'Apache-2.0 AND LGPL-3.0-or-later AND MIT',
];

/** What packages need only to be installed or compiled, which Fovea does not do: it does not ship (electron-builder.yml). */
export const INSTALL_ONLY: Readonly<Record<string, readonly string[]>> = {
  'onnxruntime-node': ['adm-zip', 'global-agent'],
  'better-sqlite3': ['node-addon-api'],
};

/** Licence texts that a package leaves out, by its name. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  'onnxruntime-node': ['onnxruntime-1.30.0/LICENSE', 'onnxruntime-1.30.0/ThirdPartyNotices.txt'],
  'onnxruntime-common': ['onnxruntime-1.30.0/LICENSE'],
};

const LGPL_SOURCES = `The shared libraries named above that are under the LGPL may be replaced by others of the same interface: they lie as files beside
the application, or in the package of the WebAssembly build. Their sources, at the versions listed, and the scripts that build them:
  libvips        https://github.com/libvips/libvips
  native builds  https://github.com/lovell/sharp-libvips (each library's source is named in build/posix.sh and build/win.sh)
  WebAssembly    https://github.com/kleisauke/wasm-vips (each library's source is named in build.sh)
The texts of the LGPL and of the GPL, to which it refers, are at the end.`;

export function readLock(project: string): Lock {
  return JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')).packages;
}

/** Names of the packages that production needs, whatever system it is for; the Node of the command line does not ship. */
export function shippedPackages(lock: Lock): string[] {
  const found = new Set<string>();
  const visit = (name: string) => {
    const locked = lock[`node_modules/${name}`];
    if (!locked || found.has(name)) return;
    found.add(name);
    for (const needed of Object.keys({ ...locked.dependencies, ...locked.optionalDependencies }))
      if (!INSTALL_ONLY[name]?.includes(needed)) visit(needed);
  };
  for (const name of Object.keys(lock['']?.dependencies ?? {})) visit(name);
  return [...found].sort();
}

/** @throws Error for a licence that nobody has looked at */
export function checkLicence(name: string, { license = 'none' }: Pick<LockedPackage, 'license'>): string {
  if (KNOWN_LICENCES.includes(license)) return license;
  throw new Error(`${name}: licence ${license} is not known: look at it, and list it in resources/notices/notices.ts`);
}

/**
 * The notices of those packages of the list that are installed here.
 * @throws Error for a licence that is not known, and for a package without the text of its licence
 */
export function noticesText(project: string, names: readonly string[]): string {
  const lock = readLock(project);
  const parts = [...new Set(names)].sort().flatMap((name) => {
    const folder = join(project, 'node_modules', name);
    const locked = lock[`node_modules/${name}`];
    if (!locked) throw new Error(`${name} is not in the lock file`);
    const licence = checkLicence(name, locked);
    return existsSync(folder) ? [noticeOf(project, name, locked.version, licence)] : [];
  });
  const text = (file: string) => keptText(project, file);
  return [
    'Fovea contains the work of others, under their licences:',
    ...parts,
    text('LGPL-3.0.txt'),
    text('GPL-3.0.txt'),
  ].join(`\n\n${'='.repeat(100)}\n\n`);
}

const keptText = (project: string, file: string) =>
  readFileSync(join(project, 'resources', 'notices', file), 'utf8').trim();

function noticeOf(project: string, name: string, version: string, licence: string): string {
  const folder = join(project, 'node_modules', name);
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice|copyright)/i.test(file));
  const own = files.map((file) => readFileSync(join(folder, file), 'utf8'));
  const texts = [...own, ...(TEXTS[name] ?? []).map((file) => keptText(project, file))];
  // The libraries inside are told of in these files alone.
  const isLgpl = licence.includes('LGPL');
  if (isLgpl)
    for (const file of ['versions.json', 'README.md'])
      if (existsSync(join(folder, file))) texts.push(readFileSync(join(folder, file), 'utf8'));
  if (isLgpl) texts.push(LGPL_SOURCES);
  if (texts.length === 0) {
    const { author, contributors } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    if (licence !== 'MIT' && licence !== 'Apache-2.0') throw new Error(`${name} has no text of its licence`);
    texts.push(`By ${JSON.stringify(author ?? contributors)}; its package holds no text of the licence.`);
  }
  return [`${name} ${version} (${licence})`, ...texts.map((text) => text.trim())].join('\n\n');
}

/** Collects what the bundles of a build contain; the last of them writes the file. */
export function thirdPartyNotices(project: string): { readonly collect: Plugin; readonly write: Plugin } {
  const bundled = new Set<string>();
  const generateBundle: Plugin['generateBundle'] = (_, bundle) => {
    for (const chunk of Object.values(bundle))
      for (const id of chunk.type === 'chunk' ? chunk.moduleIds : []) {
        const name = /.*node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(id)?.[1]?.replace('\\', '/');
        if (name) bundled.add(name);
      }
  };
  return {
    collect: { name: 'collect-notices', generateBundle },
    write: {
      name: 'write-notices',
      generateBundle,
      writeBundle() {
        const file = join(project, 'out', 'THIRD-PARTY-NOTICES.txt');
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, noticesText(project, [...shippedPackages(readLock(project)), ...bundled]));
      },
    },
  };
}
