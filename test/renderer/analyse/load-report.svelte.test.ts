import { flushSync } from 'svelte';
import { expect, it, onTestFinished } from 'vitest';
import { LoadReportState } from '../../../src-renderer/analyse/load-report.svelte.ts';
import { AppState } from '../../../src-renderer/app.svelte.ts';
import { hostGone } from '../../../src-renderer/link/carrier.ts';
import { Client } from '../../../src-renderer/link/client.ts';
import { FoveaError } from '../../../src-shared/errors.ts';
import type { LoadReport } from '../../../src-shared/contract/models.ts';
import { FakeHost, MODEL } from '../fake-host.ts';
import { held, settle } from '../held.ts';
import { REPORT } from '../models/report.ts';

it('of a model that is turned to while the card of another is written is looked for to its end', async () => {
  const saved = held<object, null>();
  const reports = held<{ readonly modelId: string }, LoadReport>();
  const host = new FakeHost({
    'models.open': ({ modelId }) => ({ ...MODEL, id: modelId, embedded: false }),
    'models.report': reports.handler,
    'models.preview': () => {
      throw new FoveaError('image-missing', 'gone');
    },
    'models.saveCard': saved.handler,
  });
  const app = new AppState(new Client(host));
  const load = new LoadReportState(app);
  onTestFinished($effect.root(() => load.follow(() => null)));
  const turnTo = async (modelId: string) => {
    await app.models.open(modelId);
    flushSync();
    await settle();
  };
  await turnTo('a');
  await reports.calls[0]!.answer({ ...REPORT, hasCard: false });
  void load.confirm();
  await turnTo('b');
  await saved.calls[0]!.answer(null);
  expect(reports.calls.map(({ input }) => input.modelId)).toEqual(['a', 'b']);
  await reports.calls[1]!.answer({ ...REPORT, hasCard: false });
  expect(load.shown?.model.id).toBe('b');
});

it('is asked for again once a lost connection is back, and says why there is none', async () => {
  let failure = hostGone();
  const host = new FakeHost({
    'models.open': () => ({ ...MODEL, embedded: false }),
    'models.report': () => {
      throw failure;
    },
  });
  const app = new AppState(new Client(host));
  const load = new LoadReportState(app);
  onTestFinished($effect.root(() => load.follow(() => null)));
  await app.models.open(MODEL.id);
  flushSync();
  await settle();
  expect(app.messages.list).toEqual([]);
  failure = new FoveaError('model-damaged', 'tiny.onnx: cannot be read', 'Fetch it again.');
  host.connection(true);
  await settle();
  expect(host.countOf('models.report')).toBe(2);
  expect(app.messages.list).toMatchObject([{ code: 'model-damaged', next: 'Fetch it again.' }]);
});
