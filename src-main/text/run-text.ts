import type { EnergyOptions, EnergyReport } from '../../src-shared/energy/energy.ts';
import { price, type PriceOrder } from '../../src-shared/energy/price-order.ts';
import { count } from '../../src-shared/count-text.ts';
import { leftOutText } from '../../src-shared/left-out-text.ts';
import { planText } from '../../src-shared/precision/plan-text.ts';
import { POLICIES, type PolicyName } from '../../src-shared/runs/policies.ts';
import type { FailedImage, PlanReport, RemarkedImage, RunRecord, RunReport } from '../../src-shared/runs/run-record.ts';
import { intervalText, percent } from './figure-text.ts';
import { energyTables, notPricedText } from './energy-table.ts';
import { policiesText } from './policies-text.ts';
import { oneLine, textTable } from './text-table.ts';

const MAX_LISTED_FAILURES = 10;
/** Images named beside a remark. */
const MAX_NAMED = 5;

/** Runs, one a line. */
export function runsText(runs: readonly RunRecord[]): string {
  return textTable(
    ['id', 'name', 'status', 'begun (UTC)', 'model', 'plans', 'images', 'failed'],
    runs.map((run) => [
      run.id,
      run.name,
      statusText(run),
      run.createdAt.slice(0, 16).replace('T', ' '),
      run.model.id,
      run.plans,
      run.images,
      run.failed,
    ]),
  );
}

/**
 * A run and what it found out, as `fovea batch` and `fovea runs show` print it.
 * @param remarked images whose colours are remarkable
 * @param shown the policies asked for
 */
export function runOutput(
  run: RunRecord,
  report: RunReport,
  failed: readonly FailedImage[],
  remarked: readonly RemarkedImage[],
  pricing: PriceOrder,
  shown: readonly PolicyName[] = POLICIES,
): { readonly text: string; readonly json: unknown } {
  const { images, finished, ...rest } = run;
  const { leftOut } = report;
  const against = { ...staticReference(report), leftOut: leftOut ?? [] };
  const energies = report.plans.map(({ layers }) =>
    layers.length > 0 ? price(pricing, layers, against) : { estimates: [], notPriced: [] },
  );
  const policies = report.policies.filter(({ policy }) => shown.includes(policy));
  const imagesPerSecond = run.seconds > 0 ? finished / run.seconds : null;
  return {
    text: [
      headerText(run, imagesPerSecond),
      plansText(report.plans),
      energyText(
        energies.filter((_, index) => report.plans[index]!.layers.length > 0),
        pricing,
      ),
      policiesText(policies),
      leftOutLine(report),
      remarksText(remarked),
      failuresText(failed),
    ]
      .filter((part) => part !== '')
      .join('\n'),
    json: {
      run: { ...rest, images, finished, failed, imagesPerSecond },
      plans: report.plans.map((plan, index) => ({
        ...plan,
        energy: energies[index]!.estimates,
        notPriced: energies[index]!.notPriced,
      })),
      policies,
      leftOut,
      remarks: remarked,
    },
  };
}

function leftOutLine({ plans, leftOut }: RunReport): string {
  const text = leftOutText(plans[0]?.layers ?? [], leftOut ?? []);
  return text === null ? '' : `${oneLine(text)}\n`;
}

/** Bits of the best static profile at Top-1, layer by layer, as energies are compared with; nothing where there is none. */
function staticReference({ plans, policies }: RunReport): Pick<EnergyOptions, 'staticProfile'> {
  const best = policies.find(({ policy, keeps }) => policy === 'static' && keeps === 'top1');
  const profile = best && plans[best.plans[0]!];
  return profile ? { staticProfile: profile.layers.map(({ meanBits }) => meanBits) } : {};
}

function headerText(run: RunRecord, imagesPerSecond: number | null): string {
  const lines = [
    ['Run', `${run.id}  ${run.name}`],
    ['Status', statusText(run)],
    ['Begun', `${run.createdAt.slice(0, 19).replace('T', ' ')} UTC, Fovea ${run.version}`],
    ['Model', `${run.model.id} (SHA-256 ${run.model.sha256.slice(0, 12)})`],
    ['Images', `${run.dataset.path}, labels: ${labelsText(run)}`],
    ['Done', `${run.finished} of ${run.images}, ${run.failed} failed`],
  ];
  if (imagesPerSecond !== null)
    lines.push(['Time', `${run.seconds.toFixed(1)} s, ${imagesPerSecond.toFixed(1)} images a second`]);
  if (run.note) lines.push(['Note', run.note]);
  if (run.resultsSha256) lines.push(['Results', `SHA-256 ${run.resultsSha256}`]);
  return lines.map(([name, value]) => `${name!.padEnd(9)}${oneLine(value!)}\n`).join('');
}

function labelsText({ dataset: { labels } }: RunRecord): string {
  switch (labels.kind) {
    case 'none':
      return 'none (agreement with the plain network counts instead)';
    case 'folders':
      return 'folders';
    case 'file-names':
      return 'WordNet ids in the file names';
    case 'csv':
      return labels.file;
  }
}

function statusText({ status, shard }: RunRecord): string {
  return shard ? `${status}, shard ${shard.index}/${shard.count}` : status;
}

function plansText(plans: readonly PlanReport[]): string {
  const labelled = plans.some((plan) => plan.labelled > 0);
  // Scores that are not finite.
  const unanswered = plans.some((plan) => plan.unanswered > 0);
  const rows = plans.map((plan, index) => [
    index + 1,
    planText(plan.plan),
    ...(labelled
      ? [
          percent(plan.top1),
          intervalText(plan.top1Interval),
          percent(plan.top5),
          percent(plan.baselineTop1),
          percent(plan.baselineTop5),
        ]
      : []),
    ...(unanswered ? [plan.unanswered] : []),
    percent(plan.top1Agreement),
    plan.macWeightedBits?.toFixed(2) ?? null,
    plan.macWeightedLockstepBits?.toFixed(2) ?? null,
    percent(plan.macWeightedLockstepBits === null ? null : 1 - plan.macWeightedLockstepBits / 8),
  ]);
  const accuracy = labelled ? ['Top-1', '95 %', 'Top-5', 'plain Top-1', 'plain Top-5'] : [];
  return textTable(
    [
      '#',
      'plan',
      ...accuracy,
      ...(unanswered ? ['no answer'] : []),
      'same Top-1',
      'bits',
      'lock-step',
      'saved against 8',
    ],
    rows,
  );
}

/** The energy of a run's only plan, or what of several plans could not be priced. */
function energyText(reports: readonly EnergyReport[], { accelerators, shownModes }: PriceOrder): string {
  const [only, ...others] = reports;
  if (only && others.length === 0) return `${energyTables(accelerators, only, shownModes)}\n`;
  const notPriced = new Map(
    reports.flatMap((report) => report.notPriced).map((left) => [JSON.stringify(left), left] as const),
  );
  return notPricedText(accelerators, [...notPriced.values()], shownModes);
}

/** Each remark once, with the images it is about. */
export function remarksText(remarked: readonly RemarkedImage[]): string {
  if (remarked.length === 0) return '';
  const all = remarked.flatMap(({ path, remarks }) => remarks.map((remark) => ({ path, remark })));
  const lines = [...Map.groupBy(all, ({ remark }) => remark)].map(([remark, images]) => {
    const named = images.slice(0, MAX_NAMED).map(({ path }) => oneLine(path));
    const more = images.length > named.length ? ` and ${images.length - named.length} more (--json lists all)` : '';
    return `  ${oneLine(remark)} ${count(images.length, 'image')}: ${named.join(', ')}${more}\n`;
  });
  return `Remarks on ${count(remarked.length, 'image')}\n${lines.join('')}`;
}

function failuresText(failed: readonly FailedImage[]): string {
  if (failed.length === 0) return '';
  const shown = failed
    .slice(0, MAX_LISTED_FAILURES)
    .map(({ path, reason }) => `  ${oneLine(path)}: ${oneLine(reason)}\n`);
  const more = failed.length > shown.length ? `  and ${failed.length - shown.length} more (--json lists all)\n` : '';
  return `Failed: ${count(failed.length, 'image')}\n${shown.join('')}${more}`;
}
