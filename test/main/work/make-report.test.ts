import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openRunStore } from '../../../src-main/store/run-store.ts';
import { reportOfComparison, reportOfRun, type ReportTools } from '../../../src-main/work/make-report.ts';
import { builtinAccelerators } from '../../../src-shared/energy/accelerators/builtin.ts';
import { fakeBench } from '../fake-bench.ts';
import { completeRun, newRun, outcomeOf } from '../store/stored-runs.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const PICTURE = { mime: 'image/png', bytes: new Uint8Array(300), width: 10, height: 10 };
const work = { signal: new AbortController().signal, progress: () => undefined, note: () => undefined };

function scene() {
  const folder = temporaryFolder();
  const bench = fakeBench(folder, {});
  const tools: ReportTools = { bench, picture: () => Promise.resolve(PICTURE) };
  return { tools, store: openRunStore(join(folder, 'report.sqlite')) };
}

/** What nothing but the file itself must be needed for. */
function standsAlone(html: string) {
  expect(html).toMatch(/^<!doctype html>/i);
  expect(html).not.toMatch(/<script|<link|<iframe|@import|url\(|\son\w+=/i);
  // Addresses are inside the page, or are the pictures themselves; the name of SVG is no address.
  const addresses = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, address]) => address!);
  expect(addresses.filter((address) => !/^(#|data:image\/)/.test(address))).toEqual([]);
  const drawings = html.match(/<svg[\s\S]*?>/g) ?? [];
  expect(drawings.length).toBeGreaterThan(0);
  for (const drawing of drawings) expect(drawing).toMatch(/role="img"[\s\S]*aria-label="[^"]{20,}"/);
  for (const image of html.match(/<img[\s\S]*?>/g) ?? []) expect(image).toMatch(/alt="[^"]+"/);
  for (const caption of html.match(/<figcaption>[\s\S]*?<\/figcaption>/g) ?? [])
    for (const said of ['n: ', 'Interval: ', 'Baseline: ', 'Machine: ', 'Mode: ']) expect(caption).toContain(said);
}

test('a run is told of in a file that stands alone, with every constant and its source', async () => {
  const { tools, store } = scene();
  using open = store;
  completeRun(open, 250, { name: 'A <b>run</b>' });
  const { name, html } = await reportOfRun(tools, open, 'A <b>run</b>', work);
  expect(name).toBe('A-b-run-b.html');
  standsAlone(html);
  expect(html).toContain('A &lt;b&gt;run&lt;/b&gt;');
  expect(html).not.toContain('<b>run</b>');
  expect(html).toMatch(/of\s+250 photos right \(95 % /);
  expect(html).toContain('fovea batch /photos --model tiny');
  for (const { citation } of builtinAccelerators()) expect(html).toContain(citation.split(',')[0]!.split('&')[0]!);
  expect(html.length).toBeLessThan(3e6);
  // The same again is the same file.
  expect((await reportOfRun(tools, open, 'A <b>run</b>', work)).html).toBe(html);
});

test('labels under which the plain network is hardly ever right are doubted', async () => {
  const { tools, store } = scene();
  using open = store;
  const htmlOf = async (name: string, isRight: boolean) => {
    const { dataset } = newRun(20);
    const images = dataset.images.map(({ path }) => {
      const outcome = outcomeOf(path, 2);
      if ('failure' in outcome || !outcome.baseline) throw new Error('expected results');
      return { path, label: outcome.baseline.classes[isRight ? 0 : 4]! };
    });
    completeRun(open, 20, { name, dataset: { ...dataset, images } });
    return (await reportOfRun(tools, open, name, work)).html;
  };
  expect(await htmlOf('another order', false)).toContain('Warning: the plain network is right on 0.0 %');
  expect(await htmlOf('in order', true)).not.toContain('Warning: the plain network');
});

test('of many photos some are shown and listed, and the file stays small', async () => {
  const { tools, store } = scene();
  using open = store;
  completeRun(open, 3000, { name: 'many' });
  const { html } = await reportOfRun(tools, open, 'many', work);
  expect(html.match(/<img/g)!.length).toBeLessThanOrEqual(24);
  expect(html).toMatch(/The other \d+ are in/);
  expect(html.length).toBeLessThan(1e6);
});

test('a comparison says what the headline says, and names its command', async () => {
  const { tools, store } = scene();
  using open = store;
  const runId = completeRun(open, 60, { name: 'both' });
  const sides = [0, 1].map((plan) => ({ runId, plan }));
  const { html } = await reportOfComparison(tools, open, sides, work);
  standsAlone(html);
  expect(html).toMatch(/B (saves|against)/);
  expect(html).toContain(`fovea runs compare ${runId}:1 ${runId}:2`);
});
