import { expect, it } from 'vitest';
import { RunLibrary } from '../../../src-renderer/compare/run-library.svelte.ts';
import { Client } from '../../../src-renderer/link/client.ts';
import { Messages } from '../../../src-renderer/shell/messages.svelte.ts';
import type { Comparability } from '../../../src-shared/contract/comparison.ts';
import { FakeHost } from '../fake-host.ts';
import { held, settle } from '../held.ts';

it('has nothing against any run once there is no baseline, however late what was asked of one is answered', async () => {
  const comparable = held<{ readonly runId: string }, readonly Comparability[]>();
  const host = new FakeHost({ 'runs.comparable': comparable.handler });
  const library = new RunLibrary(new Client(host), new Messages());
  void library.askComparable('a');
  await settle();
  await library.askComparable(null);
  await comparable.calls[0]!.answer([{ runId: 'b', images: 0, reason: 'no image in common' }]);
  expect(library.reasonAgainst('b')).toBeNull();
});
