import { expect, it } from 'vitest';
import { Client } from '../../src-renderer/link/client.ts';
import { Models } from '../../src-renderer/models.svelte.ts';
import { Messages } from '../../src-renderer/shell/messages.svelte.ts';
import type { ModelDetails, ModelSummary } from '../../src-shared/contract/models.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { FakeHost, MODEL, type Handlers } from './fake-host.ts';
import { held, settle } from './held.ts';

const A: ModelDetails = { ...MODEL, id: 'a' };
const B: ModelDetails = { ...MODEL, id: 'b' };

async function using(handlers: Handlers) {
  const host = new FakeHost({ 'models.list': () => [A, B], 'models.open': () => A, ...handlers });
  const models = new Models(new Client(host), new Messages());
  await models.open('a');
  return { host, models };
}

it('is being opened until the last that was asked for is, the same asked for twice', async () => {
  const opened = held<{ readonly modelId: string }, ModelDetails>();
  let first = true;
  const { models } = await using({ 'models.open': (input) => (first ? ((first = false), A) : opened.handler(input)) });
  void models.open('b');
  await settle();
  void models.open('b');
  await settle();
  expect([models.opening, models.named]).toEqual([true, 'b']);
  await opened.calls[1]!.answer(B);
  expect([models.opening, models.named]).toEqual([false, 'b']);
});

it('in use is taken anew once its card changes, also after another could not be opened', async () => {
  let classes = 10;
  const { host, models } = await using({
    'models.open': ({ modelId }) => {
      if (modelId === 'b') throw new FoveaError('card-invalid', 'b.json: field name');
      return { ...A, classes };
    },
  });
  await models.open('b');
  expect(models.current?.classes).toBe(10);
  classes = 20;
  host.emit('model.changed', { modelId: 'a' });
  await settle();
  expect(models.current?.classes).toBe(20);
});

it.each(['before', 'while'])(
  'in use is told as it now is, though its card changed %s another was asked for that cannot be opened',
  async (when) => {
    const opened = held<{ readonly modelId: string }, ModelDetails>();
    let first = true;
    const { host, models } = await using({
      'models.open': (input) => (first ? ((first = false), A) : opened.handler(input)),
    });
    const change = async () => {
      host.emit('model.changed', { modelId: 'a' });
      await settle();
    };
    if (when === 'before') await change();
    void models.open('b');
    await settle();
    if (when === 'while') await change();
    await opened.calls.at(-1)!.fail(new FoveaError('card-invalid', 'b.json: field name'));
    await opened.calls.at(-1)!.answer({ ...A, classes: 20 });
    expect(models.current?.classes).toBe(20);
    expect([models.opening, models.named]).toEqual([false, 'a']);
  },
);

it('that is being opened comes into use, though the one before it is removed meanwhile', async () => {
  const opened = held<{ readonly modelId: string }, ModelDetails>();
  let first = true;
  const { models } = await using({ 'models.open': (input) => (first ? ((first = false), A) : opened.handler(input)) });
  await models.find(null);
  void models.open('b');
  await settle();
  await Promise.race([models.without('a'), settle()]);
  expect(opened.calls.map(({ input }) => input.modelId)).toEqual(['b']);
  await opened.calls[0]!.answer(B);
  expect(models.current?.id).toBe('b');
});

it('of the start before is opened, though a change has the list asked for anew before it is there', async () => {
  const listed = held<object, readonly ModelSummary[]>();
  const host = new FakeHost({ 'models.list': listed.handler, 'models.open': () => B });
  const models = new Models(new Client(host), new Messages());
  void models.find('b');
  await settle();
  host.emit('model.changed', { modelId: 'a' });
  await settle();
  await listed.calls[1]!.answer([A, B]);
  expect(host.asked.at(-1)).toEqual({ procedure: 'models.open', input: { modelId: 'b' } });
});

it('stays out of the list it was removed from, whatever was asked for before', async () => {
  const listed = held<object, readonly ModelSummary[]>();
  const { models } = await using({ 'models.list': listed.handler });
  void models.find(null);
  await settle();
  void models.find(null);
  await settle();
  await listed.calls[1]!.answer([B]);
  await listed.calls[0]!.answer([A, B]);
  expect(models.list?.map(({ id }) => id)).toEqual(['b']);
  void models.find(null);
  await settle();
  void models.add([A]);
  void models.without('b');
  await listed.calls[2]!.answer([A, B]);
  await listed.calls[3]!.answer([A]);
  expect(models.list?.map(({ id }) => id)).toEqual(['a']);
});
