import { expect, test } from 'vitest';
import {
  answerChange,
  answerWords,
  firstSynonym,
  isUnsure,
  placeWords,
  probabilityText,
} from '../../src-shared/answer-change.ts';

const scores = (...top: readonly (readonly [number, string, number])[]) => ({
  top: top.map(([index, label, probability]) => ({ class: index, label, probability })),
});
const PLAIN = scores([7, 'pizza, pizza pie', 0.9], [3, 'tray', 0.05]);

test('an answer is kept, moved or gone, in words', () => {
  const kept = answerChange({ baseline: PLAIN, quantised: PLAIN });
  expect([kept.kept, answerWords(kept)]).toEqual([true, 'answer kept']);
  const quantised = scores([3, 'tray', 0.6], [4, 'cup', 0.1], [5, 'plate', 0.08], [6, 'hat', 0.05], [7, 'pizza', 0.03]);
  const moved = answerChange({ baseline: PLAIN, quantised });
  expect(moved).toMatchObject({ kept: false, place: 5, probability: 0.03, now: { label: 'tray' } });
  expect([answerWords(moved), placeWords(moved)]).toEqual(['pizza → tray', 'now 5th, 0.03']);
  const gone = answerChange({ baseline: PLAIN, quantised: scores([3, 'tray', 0.6]) });
  expect([answerWords(gone), placeWords(gone)]).toEqual(['pizza → tray', 'gone from the first five']);
});

test('a network that gives its first answer less than 0.3 is not sure anyway', () => {
  const sure = (probability: number) => {
    const answer = scores([1, 'cat', probability]);
    return !isUnsure(answerChange({ baseline: answer, quantised: answer }));
  };
  expect([sure(0.29), sure(0.3)]).toEqual([false, true]);
});

test('what is not zero never reads 0.00', () => {
  expect([0, 0.0049, 0.005, 0.5, 1].map(probabilityText)).toEqual(['0.00', '<0.01', '0.01', '0.50', '1.00']);
  expect(firstSynonym('airliner, jet')).toBe('airliner');
});
