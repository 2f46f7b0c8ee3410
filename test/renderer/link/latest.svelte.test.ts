import { describe, expect, it } from 'vitest';
import { Latest } from '../../../src-renderer/link/latest.svelte.ts';

/** A question whose answer comes when the test says so. */
interface Asked {
  readonly question: string;
  readonly signal: AbortSignal;
  readonly answer: (text: string) => void;
  readonly fail: (error: Error) => void;
}

function setUp() {
  const asked: Asked[] = [];
  const errors: string[] = [];
  const latest = new Latest<string, string>({
    ask: (question, signal) => new Promise((answer, fail) => asked.push({ question, signal, answer, fail })),
    related: (earlier, later) => earlier[0] === later[0],
    onError: (thrown, question) => errors.push(`${question}: ${String(thrown)}`),
  });
  return { latest, asked, errors };
}

const settle = () => new Promise((resolve) => setTimeout(resolve));

describe('Latest', () => {
  it('asks only the newest question of those that came at once', async () => {
    const { latest, asked } = setUp();
    latest.ask('a1');
    latest.ask('a2');
    latest.ask('a3');
    expect(asked).toHaveLength(0);
    await settle();
    expect(asked.map(({ question }) => question)).toEqual(['a3']);
    expect(latest.busy).toBe(true);
    asked[0]!.answer('A3');
    await settle();
    expect(latest.answer).toBe('A3');
    expect(latest.busy).toBe(false);
  });

  it('waits for no frame', async () => {
    const { latest, asked } = setUp();
    latest.ask('a1');
    await Promise.resolve();
    expect(asked).toHaveLength(1);
  });

  it('has one question out at a time, then asks the newest that came meanwhile', async () => {
    const { latest, asked } = setUp();
    latest.ask('a1');
    await settle();
    latest.ask('a2');
    latest.ask('a3');
    await settle();
    expect(asked).toHaveLength(1);
    asked[0]!.answer('A1');
    await settle();
    expect(latest.answer).toBe('A1');
    expect(latest.busy).toBe(true);
    await settle();
    expect(asked.map(({ question }) => question)).toEqual(['a1', 'a3']);
  });

  it('cancels a question that no longer matters and never shows its answer', async () => {
    const { latest, asked } = setUp();
    latest.ask('a1');
    await settle();
    latest.ask('b1');
    expect(asked[0]!.signal.aborted).toBe(true);
    await settle();
    asked[1]!.answer('B1');
    await settle();
    asked[0]!.answer('A1');
    await settle();
    expect(latest.answer).toBe('B1');
  });

  it('reports an error, keeps the last answer and goes on', async () => {
    const { latest, asked, errors } = setUp();
    latest.ask('a1');
    await settle();
    asked[0]!.answer('A1');
    await settle();
    latest.ask('a2');
    await settle();
    asked[1]!.fail(new Error('no'));
    await settle();
    expect(errors).toEqual(['a2: Error: no']);
    expect(latest.answer).toBe('A1');
    expect(latest.busy).toBe(false);
    latest.ask('a3');
    await settle();
    expect(asked).toHaveLength(3);
  });

  it('says nothing of an error of a question that was overtaken: its newer one is answered', async () => {
    const { latest, asked, errors } = setUp();
    latest.ask('a1');
    await settle();
    latest.ask('a2');
    asked[0]!.fail(new Error('no'));
    await settle();
    asked[1]!.answer('A2');
    await settle();
    expect([latest.answer, latest.busy, errors]).toEqual(['A2', false, []]);
  });

  it('forgets everything when cleared', async () => {
    const { latest, asked, errors } = setUp();
    latest.ask('a1');
    await settle();
    latest.clear();
    expect(asked[0]!.signal.aborted).toBe(true);
    asked[0]!.fail(new Error('cancelled'));
    await settle();
    expect(latest.answer).toBeNull();
    expect(errors).toEqual([]);
  });
});
