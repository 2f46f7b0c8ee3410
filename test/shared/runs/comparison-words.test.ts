import { expect, it, onTestFinished, vi } from 'vitest';
import { about, thousands } from '../../../src-shared/runs/comparison-words.ts';

it('groups digits, and makes no formatter anew for each figure', () => {
  const made = vi.spyOn(Number.prototype, 'toLocaleString');
  onTestFinished(() => made.mockRestore());
  expect([0, 999, 1234, 1234567, 0.5].map(thousands)).toEqual(['0', '999', '1,234', '1,234,567', '0.5']);
  expect(about(12_345)).toBe('12,000');
  expect(made).not.toHaveBeenCalled();
});
