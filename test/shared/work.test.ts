import { expect, test } from 'vitest';
import { figuresOf, type WorkFigures, WorkMeter } from '../../src-shared/work.ts';

/** A meter with a clock that is set by hand, and what it has told. */
function meter(begun: WorkFigures) {
  const told: WorkFigures[] = [];
  const clock = { now: 0 };
  return { told, clock, meter: new WorkMeter({ progress: (figures) => told.push(figures) }, begun, () => clock.now) };
}

test('a rate follows the last twenty seconds, and the time left follows the rate', () => {
  const { told, clock, meter: own } = meter(figuresOf('evaluating', { total: 400 }));
  for (let second = 1; second <= 10; second++) {
    clock.now = second * 1000;
    own.advance(10, second === 3 ? 1 : 0);
  }
  expect(told.at(-1)).toMatchObject({ done: 100, failed: 1, rate: 10, secondsLeft: 30 });
  for (let second = 11; second <= 60; second++) {
    clock.now = second * 1000;
    own.advance(1);
  }
  // The fast beginning has left the window but for one mark before it.
  expect(told.at(-1)!.rate).toBeCloseTo(1, 5);
  expect(told.at(-1)).toMatchObject({ done: 150, secondsLeft: 250 });
});

test('nothing done tells nothing, and no time passed gives no rate', () => {
  const { told, meter: own } = meter(figuresOf('evaluating', { total: 4 }));
  own.advance(0);
  expect(told).toEqual([]);
  own.advance(2);
  expect(told).toMatchObject([{ done: 2, rate: null, secondsLeft: null }]);
});

test('what an earlier download left came at no rate of this one; bytes are told ten times a second', () => {
  const { told, clock, meter: own } = meter(figuresOf('downloading', { total: 1000 }));
  own.reach(600);
  clock.now = 50;
  own.reach(610);
  clock.now = 1000;
  own.reach(700);
  clock.now = 1010;
  own.reach(1000);
  expect(told.map(({ done }) => done)).toEqual([600, 700, 1000]);
  expect(told[1]).toMatchObject({ rate: 100, secondsLeft: 3 });
});

test('a download that begins anew begins a new rate', () => {
  const { told, clock, meter: own } = meter(figuresOf('downloading', { total: 1000 }));
  own.reach(0);
  clock.now = 1000;
  own.reach(500);
  clock.now = 2000;
  own.reach(0);
  clock.now = 3000;
  own.reach(100);
  expect(told.at(-1)).toMatchObject({ done: 100, rate: 100, secondsLeft: 9 });
});
