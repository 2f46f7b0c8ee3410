import { MODE_NAMES } from '../../src-shared/energy/energy-mode.ts';
import { defaultPricing, type PriceOrder } from '../../src-shared/energy/price-order.ts';
import { HEADLINE_ACCELERATOR } from '../../src-shared/runs/compared-energy.ts';
import { KEPT_NAMES } from '../../src-shared/runs/comparison-words.ts';
import type { PolicyEnergy } from '../../src-shared/runs/policy-energy.ts';
import type { PolicyReport } from '../../src-shared/runs/run-record.ts';
import { intervalText, percent } from './figure-text.ts';
import { textTable } from './text-table.ts';

/** What policies over the plans of a run give, as a table; nothing without policies. */
export function policiesText(
  policies: readonly PolicyReport[],
  energies: readonly (readonly PolicyEnergy[])[] = [],
  { accelerators, shownModes }: Pick<PriceOrder, 'accelerators' | 'shownModes'> = defaultPricing(),
): string {
  if (policies.length === 0) return '';
  const labelled = policies.some(({ top1 }) => top1 !== null);
  const withStatic = policies.some(({ savedVsStatic }) => savedVsStatic !== null);
  const withNull = policies.some(({ nullSaved }) => nullSaved !== null);
  const machine = accelerators.find(({ id }) => id === HEADLINE_ACCELERATOR) ?? accelerators[0];
  const [mode] = shownModes;
  const priced = energies.map((energy) => energy.find((one) => one.accelerator === machine?.id && one.mode === mode));
  const withEnergy = machine !== undefined && mode !== undefined && priced.some((one) => one !== undefined);
  const answers = labelled ? ['Top-1', 'plain', 'Top-5', 'plain'] : ['same Top-1', 'same Top-5'];
  const table = textTable(
    [
      ...['policy', 'keeps', 'images', ...answers, 'saved against 8 bits', '95 %'],
      ...(withStatic ? ['against best static'] : []),
      ...(withNull ? ['its null saves'] : []),
      ...(withEnergy ? ['compute saved', 'whole chip saved'] : []),
      'plans',
    ],
    policies.map((policy, index) => [
      policy.policy,
      KEPT_NAMES[policy.keeps],
      policy.images,
      ...(labelled
        ? [policy.top1, policy.baselineTop1, policy.top5, policy.baselineTop5]
        : [policy.top1Agreement, policy.top5Agreement]
      ).map((share) => percent(share)),
      percent(policy.savedVs8bit),
      intervalText(policy.savedInterval),
      ...(withStatic ? [percent(policy.savedVsStatic)] : []),
      ...(withNull ? [nullText(policy)] : []),
      ...(withEnergy
        ? [percent(priced[index]?.savedVs8bit ?? null), percent(priced[index]?.totalSavedVs8bit ?? null)]
        : []),
      planNumbers(policy),
    ]),
  );
  const energy = withEnergy
    ? `Compute and whole chip: ${machine.name}, ${MODE_NAMES[mode]}; each image pays the mean price of its plans.\n`
    : '';
  const oracle = policies.some(({ policy }) => policy === 'oracle') ? `${ORACLE}\n` : '';
  return [table, energy, oracle, ...policyReasons(policies).map((reason) => `${reason}\n`)].join('');
}

const ORACLE =
  'An oracle knows the right answers and picks the cheapest plan that keeps each: a bound on choosing per input, no method. Part of it is ' +
  'luck with many tries: its null is the same ladder with random masks of the same areas.';

function nullText({ nullSaved, nullInterval }: PolicyReport): string | null {
  return nullSaved === null ? null : `${percent(nullSaved)}${nullInterval ? ` (${intervalText(nullInterval)})` : ''}`;
}

/** Why policies are not what they promise, one a line. */
export function policyReasons(policies: readonly PolicyReport[]): string[] {
  return policies.flatMap((policy) => {
    const { policy: name, reason, plans } = policy;
    if (reason === null) return [];
    return [
      `${name} at ${KEPT_NAMES[policy.keeps]}: ${reason}${plans.length === 0 ? '; the plain network stands in' : ''}`,
    ];
  });
}

/** `9, 5, plain; margin from 0.3`; a long list is shortened. */
function planNumbers({ plans, endsAtPlain, threshold }: PolicyReport): string {
  const numbers = plans.length > 4 ? [`${plans.length} plans`] : plans.map((plan) => `${plan + 1}`);
  if (endsAtPlain) numbers.push('plain');
  return numbers.join(', ') + (threshold === null ? '' : `; margin from ${threshold}`);
}
