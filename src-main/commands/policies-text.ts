import type { PolicyReport } from '../../src-shared/runs/run-record.ts';
import { intervalText, percent } from './figure-text.ts';
import { textTable } from './text-table.ts';

/** What policies over the plans of a run give, as a table; nothing without policies. */
export function policiesText(policies: readonly PolicyReport[]): string {
  if (policies.length === 0) return '';
  const labelled = policies.some(({ top1 }) => top1 !== null);
  const answers = labelled ? ['Top-1', 'plain', 'Top-5', 'plain'] : ['same Top-1', 'same Top-5'];
  return textTable(
    ['policy', 'keeps', 'images', ...answers, 'saved against 8 bits', '95 %', 'plans'],
    policies.map((policy) => [
      policy.policy,
      policy.keeps === 'top1' ? 'Top-1' : 'Top-5',
      policy.images,
      ...(labelled
        ? [policy.top1, policy.baselineTop1, policy.top5, policy.baselineTop5]
        : [policy.top1Agreement, policy.top5Agreement]
      ).map(percent),
      percent(policy.savedVs8bit),
      intervalText(policy.savedInterval),
      planNumbers(policy),
    ]),
  );
}

/** `9, 5, plain; margin from 0.3`; a long list is shortened. */
function planNumbers({ plans, endsAtPlain, threshold }: PolicyReport): string {
  const numbers = plans.length > 4 ? [`${plans.length} plans`] : plans.map((plan) => `${plan + 1}`);
  if (endsAtPlain) numbers.push('plain');
  return numbers.join(', ') + (threshold === null ? '' : `; margin from ${threshold}`);
}
