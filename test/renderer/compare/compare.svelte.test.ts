import { userEvent } from 'vitest/browser';
import { describe, expect, it } from 'vitest';
import { FoveaError } from '../../../src-shared/errors.ts';
import { AppState } from '../../../src-renderer/app.svelte.ts';
import { CompareState } from '../../../src-renderer/compare/compare.svelte.ts';
import { RunLibrary } from '../../../src-renderer/compare/run-library.svelte.ts';
import { Client } from '../../../src-renderer/link/client.ts';
import { Messages } from '../../../src-renderer/shell/messages.svelte.ts';
import type { RunsComparison } from '../../../src-shared/contract/comparison.ts';
import type { ParsedInputOf } from '../../../src-shared/contract/contract.ts';
import { entry, FakeHost, type Handlers } from '../fake-host.ts';
import { held, settle } from '../held.ts';
import { openApp } from '../set-up.ts';
import { comparisonOf, listedRun } from './comparison.ts';

const RUNS = ['a', 'b', 'c'].map((id) => listedRun(id));

function openCompare(hash: string, handlers: Handlers = {}, runs = RUNS) {
  return openApp(
    {
      'runs.listed': () => runs,
      'runs.comparable': () => runs.map(({ id }) => ({ runId: id, images: 40, reason: null })),
      'runs.compare': ({ sides }) => comparisonOf(sides.map(({ runId }) => runs.find(({ id }) => id === runId)!)),
      'runs.image': () => ({ kind: 'original', image: entry('harbour.jpg') }),
      'runs.thumbnail': () => {
        throw new FoveaError('image-missing', 'no thumbnail here');
      },
      ...handlers,
    },
    hash,
  );
}

it('tells runs of one name apart by when they were begun', async () => {
  const again = { ...listedRun('b', { createdAt: '2026-01-02T09:30:00.000Z' }), name: 'run a' };
  const { screen } = await openCompare('#compare', {}, [RUNS[0]!, again, RUNS[2]!]);
  const list = screen.getByRole('group', { name: 'List of runs' });
  await expect.element(list.getByRole('button', { name: 'Compare run a, 2026-01-01 00:00' })).toBeVisible();
  await expect.element(list.getByRole('button', { name: 'Star run a, 2026-01-02 09:30' })).toBeVisible();
  // It is cut at its end: what tells them apart stands first.
  await expect.element(list.getByText(/^01-02 09:30 · /)).toBeVisible();
  await expect.element(list.getByRole('button', { name: 'Compare run c', exact: true })).toBeVisible();
});

it('shows the runs after a reload as before it: those that were looked for, in their order', async () => {
  const { screen } = await openCompare('#compare');
  const list = screen.getByRole('region', { name: 'Runs', exact: true });
  await list.getByRole('searchbox').fill('run');
  await list.getByLabelText('Sort runs').selectOptions('accuracy');
  await list.getByRole('button', { name: /^Starred/ }).click();
  const look = { search: 'run', sort: 'top1', filter: 'starred' };
  await expect.poll(() => new RunLibrary(new Client(new FakeHost({})), new Messages()).look).toEqual(look);
});

describe('what two runs are to each other', () => {
  it('shows what is not significant as such, with the images that a point needs', async () => {
    const { screen } = await openCompare('#compare/a,b');
    // 2 to 0 of 40: p = 2 / 2^2. Changing 2 of 40: (1.959964 sqrt(0.05) + 0.841621 sqrt(0.05 - 0.0001))^2 / 0.0001 = 3923.
    const said = screen.getByRole('region', { name: 'Result', exact: true });
    await expect
      .poll(() => said.element().textContent.replace(/\s+/g, ' '))
      .toMatch(/accuracy does not differ beyond chance/);
    await expect
      .poll(() => said.element().textContent.replace(/\s+/g, ' '))
      .toMatch(/Top-1 −5\.0 points .*n\.s\., p = 0\.5000; about 3,900 images needed/);
    const table = screen.getByRole('region', { name: 'Every image, once' });
    await expect.element(table.getByRole('button', { name: /^28 both right/ })).toBeVisible();
    await expect.element(table.getByRole('button', { name: /^2 only A right/ })).toBeVisible();
    await expect.element(table.getByText('n.s., p = 0.5000')).toBeVisible();
    const top1 = screen.getByRole('region', { name: 'Differences' }).getByRole('group').first();
    await expect.element(top1).not.toHaveClass('clear');
    await expect.poll(() => top1.element().textContent).toMatch(/n\.s\., p = 0\.5000/);
  });

  it('holds several against the first, in families, and speaks of the one that is chosen', async () => {
    const { screen } = await openCompare('#compare/a,b,c');
    const rows = screen.getByRole('region', { name: 'Differences' }).getByRole('button');
    await expect
      .poll(() => rows.nth(1).element().textContent.replace(/\s+/g, ' '))
      .toMatch(/C run c.*0\.0 \(.*p = 1\.0000/s);
    await rows.nth(1).click();
    await expect.element(screen.getByRole('heading', { name: /^C saves/ })).toBeVisible();
    expect(location.hash).toContain('other=2');
  });

  it('says of a run that goes on how much of it is compared, and compares again', async () => {
    const going = listedRun('b', { status: 'running', finished: 12 });
    const { screen, host } = await openCompare('#compare/a,b', {}, [RUNS[0]!, going]);
    await expect.element(screen.getByText(/Of what is there so far: run b is running, 12 of 40\./)).toBeVisible();
    await screen.getByRole('button', { name: 'Compare again' }).click();
    await expect.poll(() => host.countOf('runs.compare')).toBe(2);
  });

  it('shows first the images that tell them apart, if only the other has them right', async () => {
    const { screen } = await openCompare('#compare/a,b', {
      'runs.compare': () => comparisonOf(RUNS.slice(0, 2), (side) => 30 + 2 * side),
    });
    const table = screen.getByRole('region', { name: 'Every image, once' });
    await expect
      .element(table.getByRole('button', { name: /^0 only A right/ }))
      .toHaveAttribute('aria-pressed', 'false');
    await expect.element(table.getByRole('button', { name: /^2 only B right shown below/ })).toBeVisible();
    await table.getByRole('button', { name: /^0 only A right/ }).click();
    await expect.element(screen.getByText('No image here. Choose another cell of the table.')).toBeVisible();
  });

  it('says of each plan of a run what it is, in a choice that can be read', async () => {
    const runs = [listedRun('a', { plans: 12 }), listedRun('b', { plans: 2 })];
    const { screen } = await openCompare('#compare/a,b:2', {}, runs);
    const choice = screen.getByRole('combobox', { name: 'Plan of run a' });
    await expect.element(choice.getByRole('option').last()).toHaveTextContent('12: plan of run a 11');
    expect(choice.element().clientWidth).toBeGreaterThan(50);
    await choice.selectOptions('3: plan of run a 2');
    expect(decodeURIComponent(location.hash)).toContain('#compare/a:3,b:2');
  });

  it('says that two runs have no image in common', async () => {
    const nothing = listedRun('b', { finished: 0 });
    const { screen } = await openCompare('#compare/a,b', {}, [RUNS[0]!, nothing]);
    await expect.element(screen.getByText('These runs have no image in common')).toBeVisible();
  });
});

describe('images', () => {
  it('shows a kept preview where the original is gone, and says so', async () => {
    const canvas = new OffscreenCanvas(4, 4);
    canvas.getContext('2d')?.fillRect(0, 0, 4, 4);
    const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
    const preview = { mime: 'image/png', bytes, width: 4, height: 4 };
    const { screen } = await openCompare('#compare/a,b', { 'runs.image': () => ({ kind: 'preview', preview }) });
    await expect.element(screen.getByRole('img', { name: 'Kept preview of 28.jpg' })).toBeVisible();
    await expect.element(screen.getByText(/The original is gone; this preview was kept/)).toBeVisible();
  });
});

describe('what cannot be compared', () => {
  it('names a run that another window deleted, and goes on without it', async () => {
    const { screen, host } = await openCompare('#compare/a,gone,b');
    await expect.element(screen.getByRole('heading', { name: 'gone is not in the store any more.' })).toBeVisible();
    await screen.getByRole('button', { name: 'Leave it out' }).click();
    await expect.element(screen.getByRole('region', { name: 'Result', exact: true })).toBeVisible();
    expect(host.asked.findLast(({ procedure }) => procedure === 'runs.compare')?.input).toEqual({
      sides: [
        { runId: 'a', plan: 0 },
        { runId: 'b', plan: 0 },
      ],
    });
  });

  it.each([
    ['store-locked', 'runs.sqlite: another process is writing', 'Wait until it is done.'],
    ['store-damaged', 'runs.sqlite: is no store', 'Restore a copy of the store.'],
    ['store-newer', 'runs.sqlite: written by a newer Fovea', 'Update Fovea.'],
  ] as const)('says in the list that a store is %s, what next, and asks again', async (code, message, next) => {
    let usable = false;
    const { screen } = await openCompare('#compare', {
      'runs.listed': () => {
        if (!usable) throw new FoveaError(code, message, next);
        return RUNS;
      },
    });
    const list = screen.getByRole('group', { name: 'List of runs' });
    await expect.element(list.getByText(new RegExp(message.slice(1)))).toBeVisible();
    await expect.element(list.getByText(next)).toBeVisible();
    usable = true;
    await list.getByRole('button', { name: 'Try again' }).click();
    await expect.element(screen.getByRole('button', { name: 'Compare run a' })).toBeVisible();
  });

  it('refuses an eleventh run, in words', async () => {
    const many = Array.from({ length: 11 }, (_, index) => listedRun(`r${index}`));
    const ids = many.map(({ id }) => id);
    const { screen } = await openCompare(`#compare/${ids.slice(0, 10).join()}`, {}, many);
    await expect.element(screen.getByRole('heading', { name: /^B saves/ })).toBeVisible();
    await screen.getByRole('button', { name: 'Compare run r10', exact: true }).click();
    await expect.element(screen.getByText('At most 10 runs are compared at once.')).toBeVisible();
  });

  it('marks runs that do not fit and does not take them', async () => {
    const reason = 'other model: large';
    const { screen } = await openCompare('#compare/a', {
      'runs.comparable': () => RUNS.map(({ id }) => ({ runId: id, images: 0, reason: id === 'c' ? reason : null })),
    });
    const refused = screen.getByRole('button', { name: `run c cannot be compared: ${reason}` });
    await expect.element(refused).toBeVisible();
    (refused.element() as HTMLElement).click();
    expect(location.hash).toBe('#compare/a');
  });
});

describe('a thousand runs', () => {
  it('are searched, sorted and walked by keys', async () => {
    const many = Array.from({ length: 1001 }, (_, index) => listedRun(`r${index}`, { top1: index / 2000 }));
    const { screen } = await openCompare('#compare', {}, many);
    const list = screen.getByRole('group', { name: 'List of runs' });
    await expect.element(list.getByText('run r0', { exact: true })).toBeVisible();
    await screen.getByRole('combobox', { name: 'Sort runs' }).selectOptions('top1');
    await expect.element(list.getByText('run r1000', { exact: true })).toBeVisible();
    (list.element().querySelector('.pick') as HTMLElement).focus();
    await userEvent.keyboard('{End}');
    await expect.element(list.getByText('run r0', { exact: true })).toBeVisible();
    await screen.getByRole('searchbox', { name: 'Search runs' }).fill('r77');
    await expect.poll(() => list.element().querySelectorAll('.run').length).toBe(11);
  });
});

describe('what is chosen while runs are compared', () => {
  async function comparing() {
    const compared = held<ParsedInputOf<'runs.compare'>, RunsComparison>();
    const host = new FakeHost({
      'runs.listed': () => RUNS,
      'runs.comparable': () => [],
      'runs.compare': compared.handler,
    });
    const app = new AppState(new Client(host));
    const compare = new CompareState(app);
    const goTo = async (...runs: readonly string[]) => {
      app.address.go({ place: 'compare', runs, chosen: {} });
      compare.arrives();
      await settle();
    };
    app.address.go({ place: 'compare', runs: [], chosen: {} });
    await goTo('a', 'b');
    const answer = (index: number) => compared.calls[index]!.answer(comparisonOf(RUNS.slice(0, 2)));
    return { compare, goTo, answer, calls: compared.calls };
  }

  it('stays on screen where it is known already, however late the other is answered', async () => {
    const { compare, goTo, answer } = await comparing();
    await answer(0);
    await goTo('a', 'c');
    expect(compare.busy).toBe('comparing…');
    await goTo('a', 'b');
    expect(compare.busy).toBeNull();
    await answer(1);
    expect(compare.comparison).not.toBeNull();
  });

  it('is not waited for once it is left, and is waited for to its end where it is come back to', async () => {
    const { compare, goTo, answer } = await comparing();
    await goTo('a');
    expect(compare.busy).toBeNull();
    await goTo('a', 'b');
    await goTo('a', 'c');
    await goTo('a', 'b');
    expect(compare.busy).toBe('comparing…');
    await answer(3);
    expect([compare.busy, compare.comparison === null]).toEqual([null, false]);
  });

  it('is free of what kept another from being compared', async () => {
    const { compare, goTo, answer, calls } = await comparing();
    await answer(0);
    await goTo('a', 'c');
    await calls[1]!.fail(new FoveaError('store-locked', 'another process is writing'));
    expect(compare.failure?.code).toBe('store-locked');
    await goTo('a', 'b');
    expect(compare.failure).toBeNull();
  });
});
