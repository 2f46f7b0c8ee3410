import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, extname, join, relative, resolve, sep } from 'node:path';
import { expect, test } from 'vitest';

const PROJECT = join(import.meta.dirname, '..');

interface Import {
  /** Relative to the project. */
  readonly file: string;
  readonly specifier: string;
}

function sources(folder: string): string[] {
  return readdirSync(join(PROJECT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return ['.ts', '.svelte', '.mjs', '.js'].includes(extname(entry.name)) ? [path] : [];
  });
}

/** Static and dynamic imports and exports-from of a source, types included. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(PROJECT, file), 'utf8');
  const pattern = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)(['"])([^'"\n]+)\1/g;
  return [...text.matchAll(pattern)].map((match) => ({ file, specifier: match[2]! }));
}

/** The file a relative import leads to, relative to the project. */
const reachedBy = (one: Import) => relative(PROJECT, resolve(PROJECT, dirname(one.file), one.specifier));

/** The top-level folder a relative import leads to. */
const folderOf = (one: Import) => reachedBy(one).split(sep)[0]!;

const isRelative = ({ specifier }: Import) => specifier.startsWith('.');
const shown = (imports: readonly Import[]) => imports.map(({ file, specifier }) => `${file} imports ${specifier}`);
const imports = (folder: string) => sources(folder).flatMap(importsOf);

test('the patterns find imports', () => {
  expect(imports('src-main').length).toBeGreaterThan(200);
  expect(importsOf('src-main/cli.ts').map(({ specifier }) => specifier)).toEqual(
    expect.arrayContaining(['commander', './commands/analyze-command.ts']),
  );
});

test('src-shared is pure: it imports itself, the resources and zod alone', () => {
  const found = imports('src-shared').filter((one) =>
    isRelative(one) ? !['src-shared', 'resources'].includes(folderOf(one)) : one.specifier !== 'zod',
  );
  expect(shown(found)).toEqual([]);
});

test('src-shared knows neither Node nor a browser nor Electron', () => {
  const names = [
    'process',
    'Buffer',
    '__dirname',
    'require',
    'window',
    'document',
    'localStorage',
    'fetch',
    'navigator',
  ];
  const found = sources('src-shared').flatMap((file) => {
    const code = readFileSync(join(PROJECT, file), 'utf8')
      .replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
      .replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g, "''");
    return names
      .filter((name) => new RegExp(`(?<![.\\w])${name}(?=\\s*[.(\\[])`).test(code))
      .map((name) => `${file} uses ${name}`);
  });
  expect(found).toEqual([]);
});

test('main and renderer import what is shared, never each other', () => {
  expect(shown(imports('src-main').filter((one) => isRelative(one) && folderOf(one) === 'src-renderer'))).toEqual([]);
  expect(shown(imports('src-renderer').filter((one) => isRelative(one) && folderOf(one) === 'src-main'))).toEqual([]);
});

test('the renderer imports nothing of Node or Electron', () => {
  const found = imports('src-renderer').filter(
    ({ specifier }) =>
      specifier.startsWith('node:') || builtinModules.includes(specifier) || specifier.split('/')[0] === 'electron',
  );
  expect(shown(found)).toEqual([]);
});

/** Groups of files that import each other, in a circle or in several; of the sources named. */
function circles(files: readonly string[]): string[][] {
  const known = new Set(files);
  const found: string[][] = [];
  // Tarjan's strongly connected components.
  const indexes = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const visit = (file: string): void => {
    indexes.set(file, indexes.size);
    lowest.set(file, indexes.get(file)!);
    open.push(file);
    for (const next of importsOf(file).filter(isRelative).map(reachedBy)) {
      if (!known.has(next)) continue;
      if (!indexes.has(next)) {
        visit(next);
        lowest.set(file, Math.min(lowest.get(file)!, lowest.get(next)!));
      } else if (open.includes(next)) lowest.set(file, Math.min(lowest.get(file)!, indexes.get(next)!));
    }
    if (lowest.get(file) !== indexes.get(file)) return;
    const group = open.splice(open.indexOf(file));
    if (group.length > 1) found.push(group.sort());
  };
  for (const file of files) if (!indexes.has(file)) visit(file);
  return found;
}

test('no file imports itself by way of others', () => {
  const files = ['src-main', 'src-shared', 'src-renderer'].flatMap(sources);
  expect(circles(files)).toEqual([]);
  expect(files.length).toBeGreaterThan(250);
});

/** Folders of `src-main` that what is in the first may not import, with the files that may all the same. */
const FORBIDDEN: readonly { readonly from: string; readonly to: readonly string[]; readonly but?: string }[] = [
  { from: 'store', to: ['work'] },
  { from: 'work', to: ['commands', 'host', 'shell', 'text'] },
  // `fovea serve` is the terminal's way to open the other door.
  { from: 'commands', to: ['host', 'shell'], but: 'serve-command.ts' },
  { from: 'host', to: ['commands', 'shell', 'text'] },
  { from: 'shell', to: ['commands', 'text', 'work'] },
  { from: 'text', to: ['commands', 'host', 'shell'] },
  { from: 'engine', to: ['work', 'store', 'commands', 'host', 'shell', 'text'] },
  { from: 'datasets', to: ['work', 'store', 'commands', 'host', 'shell', 'text'] },
  { from: 'models', to: ['work', 'store', 'commands', 'host', 'shell', 'text'] },
  { from: 'images', to: ['work', 'store', 'commands', 'host', 'shell', 'text'] },
  { from: 'network', to: ['work', 'store', 'commands', 'host', 'shell', 'text', 'models', 'engine'] },
  { from: 'onnx', to: ['network', 'work', 'store', 'commands', 'host', 'shell', 'text', 'models', 'engine'] },
  {
    from: 'files',
    to: ['work', 'store', 'commands', 'host', 'shell', 'text', 'models', 'engine', 'datasets', 'images'],
  },
];

test.each(FORBIDDEN)('of the machine, $from imports none of $to', ({ from, to, but }) => {
  const files = sources(join('src-main', from)).filter((file) => relative(join('src-main', from), file) !== but);
  const found = files.flatMap(importsOf).filter((one) => {
    const [top, folder] = reachedBy(one).split(sep);
    return isRelative(one) && top === 'src-main' && to.includes(folder!);
  });
  expect(files.length).toBeGreaterThan(0);
  expect(shown(found)).toEqual([]);
});

/** Rooms whose parts every place may use; what is beside them in `src-renderer` are places, the window and the link. */
const SHARED_ROOMS = ['picture', 'plan', 'figures', 'files'];
const OTHER_ROOMS = ['link', 'shell'];
const places = () =>
  readdirSync(join(PROJECT, 'src-renderer'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && ![...SHARED_ROOMS, ...OTHER_ROOMS].includes(entry.name))
    .map(({ name }) => name);
const leadsTo = (one: Import, ...to: readonly string[]) =>
  isRelative(one) && to.some((path) => `${reachedBy(one)}/`.startsWith(join('src-renderer', path, '/')));

test('what places share knows neither them nor the window; places do not know each other', () => {
  expect(places()).toContain('analyse');
  for (const room of SHARED_ROOMS) {
    const found = imports(join('src-renderer', room));
    expect(found.length, room).toBeGreaterThan(0);
    expect(shown(found.filter((one) => leadsTo(one, ...places(), 'app.svelte.ts', 'App.svelte')))).toEqual([]);
  }
  for (const place of places()) {
    const others = places().filter((other) => other !== place);
    expect(shown(imports(join('src-renderer', place)).filter((one) => leadsTo(one, ...others)))).toEqual([]);
  }
});

test('of a place only its own component takes its whole state', () => {
  for (const place of places()) {
    const takers = sources(join('src-renderer', place))
      .filter((file) => file.endsWith('.svelte'))
      .filter((file) => importsOf(file).some(({ specifier }) => specifier === `./${place}.svelte.ts`));
    expect(takers.map((file) => relative(join('src-renderer', place), file).toLowerCase())).toEqual([
      `${place}.svelte`,
    ]);
  }
});

test('of the machine only the shell imports Electron: command line and engine run without it', () => {
  const reached = new Set<string>();
  const walk = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const one of importsOf(file)) {
      expect(one.specifier, file).not.toBe('electron');
      if (isRelative(one) && extname(one.specifier) === '.ts') walk(reachedBy(one));
    }
  };
  walk(join('src-main', 'cli.ts'));
  walk(join('src-main', 'engine.ts'));
  expect(reached.size).toBeGreaterThan(40);
});

test('the top level is the one agreed on', () => {
  const folders = readdirSync(PROJECT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .filter((name) => !['node_modules', 'out', 'dist'].includes(name));
  const agreed = ['bin', 'docs', 'findings', 'models', 'resources', 'src-main', 'src-renderer', 'src-shared', 'test'];
  expect(folders.filter((name) => !agreed.includes(name))).toEqual([]);
  expect(agreed.filter((name) => name !== 'findings' && !folders.includes(name))).toEqual([]);
});
