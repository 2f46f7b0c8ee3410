import { onDevice } from '../../src-shared/device.ts';
import { FIRST_SUCCESS_TEXT } from '../../src-shared/runs/run-end-text.ts';
import type { EnergyOptions, EnergyReport } from '../../src-shared/energy/energy.ts';
import { price, type PriceOrder } from '../../src-shared/energy/price-order.ts';
import { MODE_NAMES } from '../../src-shared/energy/energy-mode.ts';
import { count } from '../../src-shared/count-text.ts';
import { leftOutText } from '../../src-shared/left-out-text.ts';
import { planText, rangeText } from '../../src-shared/precision/plan-text.ts';
import { shapeName } from '../../src-shared/runs/controls.ts';
import { numberedClaims } from '../../src-shared/runs/plan-claims.ts';
import { POLICIES, type PolicyName } from '../../src-shared/runs/policies.ts';
import type {
  FailedImage,
  PlanClaims,
  PlanReport,
  RemarkedImage,
  RunRecord,
  RunReport,
} from '../../src-shared/runs/run-record.ts';
import type { Flips, NumericalFloor } from '../work/second-rounding.ts';
import {
  DIFFERENCES,
  differenceText,
  doubtfulLabelsText,
  fewImagesText,
  intervalText,
  percent,
} from './figure-text.ts';
import { energyTables, notPricedText, regionWordsText } from './energy-table.ts';
import { policyEnergy } from '../../src-shared/runs/policy-energy.ts';
import { policiesText } from './policies-text.ts';
import { failureLines } from './failure-text.ts';
import { oneLine, textTable } from './text-table.ts';

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
): { readonly text: string; readonly json: Readonly<Record<string, unknown>> } {
  const { images, finished, ...rest } = run;
  const { leftOut } = report;
  const against = { ...staticReference(report), leftOut: leftOut ?? [] };
  const energies = report.plans.map(({ layers }) =>
    layers.length > 0 ? price(pricing, layers, against) : { estimates: [], notPriced: [] },
  );
  const policies = report.policies.filter(({ policy }) => shown.includes(policy));
  const estimates = energies.map((energy) => energy.estimates);
  const policyEnergies = policies.map((policy) => policyEnergy(policy, estimates));
  const imagesPerSecond = run.seconds > 0 ? finished / run.seconds : null;
  const asked = report.plans.filter(({ control }) => !control).length;
  const numbered = report.plans.map((plan, index) => ({
    number: index + 1,
    ...plan,
    claims: plan.claims && numberedClaims(plan.claims),
    energy: energies[index]!.estimates,
    notPriced: energies[index]!.notPriced,
  }));
  return {
    text: [
      headerText(run, imagesPerSecond),
      run.firstSuccess ? `${FIRST_SUCCESS_TEXT}\n` : plansText(report.plans, asked),
      claimsText(report.plans),
      energyText(report.plans, energies, asked, pricing),
      policiesText(policies, policyEnergies, pricing),
      leftOutLine(report),
      remarksText(remarked),
      failuresText(failed),
    ]
      .filter((part) => part !== '')
      .join('\n'),
    json: {
      run: { ...rest, images, finished, failed, imagesPerSecond },
      plans: numbered.slice(0, asked),
      controls: numbered.slice(asked),
      policies: policies.map((policy, index) => ({
        ...policy,
        plans: policy.plans.map((index) => index + 1),
        energy: policyEnergies[index],
      })),
      leftOut,
      remarks: remarked,
    },
  };
}

/** How many answers flip when sums are added up in another order. */
export function floorText({ run, plain, plans }: NumericalFloor): string {
  const row = (name: string, { images, flipped }: Flips) => [
    name,
    flipped,
    images,
    percent(images === 0 ? null : flipped / images),
  ];
  return (
    textTable(
      ['#', 'answers that flip', 'of', 'share'],
      [row('plain', plain), ...plans.map((flips, index) => row(`${index + 1}`, flips))],
    ) + `Sums added up in another order (run ${run}): differences of as few answers say nothing of a plan.\n`
  );
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
    ['Model', `${run.model.id} (SHA-256 ${run.model.sha256.slice(0, 12)})${onDevice(run.model.device)}`],
    ['Images', `${run.dataset.path}, labels: ${labelsText(run)}`],
    ...(run.dataset.maps === undefined ? [] : [['Maps', run.dataset.maps]]),
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

/** Plans against what they are held against; nothing where a run has none of it. */
function claimsText(plans: readonly PlanReport[]): string {
  const rows = plans.flatMap(({ claims }, index) => (claims ? [{ number: index + 1, claims }] : []));
  if (rows.length === 0) return '';
  const kinds = [
    ['plain', ({ againstPlain }: PlanClaims) => againstPlain],
    ['uniform widths at equal energy', ({ againstUniform }: PlanClaims) => againstUniform],
    ['the same, compacted', ({ againstUniformCompacted }: PlanClaims) => againstUniformCompacted],
    ['best static at equal energy', ({ againstStatic }: PlanClaims) => againstStatic],
    ['centre', ({ againstCentre }: PlanClaims) => againstCentre],
    ['random', ({ againstRandom }: PlanClaims) => againstRandom],
  ] as const;
  const shown = kinds.filter(([, of]) => rows.some(({ claims }) => of(claims)));
  const images = plans.find(({ claims }) => claims)!.claims!.againstPlain;
  const judged = images.bothRight + images.onlyFirst + images.onlyOther + images.bothWrong;
  const judge = plans.some(({ labelled }) => labelled > 0) ? 'Top-1' : 'same Top-1 as the plain network';
  return [
    textTable(
      ['#', 'role', ...shown.map(([title]) => `against ${title}`), 'images for 1 point'],
      rows.map(({ number, claims }) => [
        number,
        claims.role,
        ...shown.map(([, of]) => differenceText(of(claims))),
        claims.againstPlain.imagesForAPoint,
      ]),
    ),
    `${DIFFERENCES} Judged: ${judge}.\n`,
    fewImagesText(judged),
    doubtfulLabelsText(plans[0]!.baselineTop1),
  ].join('');
}

/** Shapes go by their names: their widths alone would be told alike. */
function nameOf({ plan, layers }: PlanReport): string {
  const shape = shapeName(plan, layers);
  return shape === null ? planText(plan) : `${shape}, ${rangeText(plan)}`;
}

function plansText(plans: readonly PlanReport[], asked: number): string {
  const labelled = plans.some((plan) => plan.labelled > 0);
  // Scores that are not finite.
  const unanswered = plans.some((plan) => plan.unanswered > 0);
  const rows = plans.map((plan, index) => [
    index < asked ? `${index + 1}` : `${index + 1} control`,
    nameOf(plan),
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

/** The energy of a run's only plan in full; of several, a line a plan, machine and mode; then what could not be priced. */
function energyText(
  plans: readonly PlanReport[],
  energies: readonly EnergyReport[],
  asked: number,
  { accelerators, shownModes }: PriceOrder,
): string {
  const reports = energies.flatMap((report, index) => (plans[index]!.layers.length > 0 ? [{ report, index }] : []));
  const [only] = reports;
  if (!only) return '';
  const full = asked === 1 && only.index === 0 ? `${energyTables(accelerators, only.report, shownModes)}\n` : '';
  if (reports.length === 1) return full;
  const rows = reports.flatMap(({ report, index }) =>
    accelerators.flatMap(({ id }) =>
      report.estimates
        .filter(({ accelerator, mode }) => accelerator === id && shownModes.includes(mode))
        .map((estimate) => [
          index + 1,
          id,
          MODE_NAMES[estimate.mode],
          (estimate.computePicojoules / 1e6).toPrecision(4),
          percent(estimate.savedVs8bit),
          (estimate.totalPicojoules / 1e6).toPrecision(4),
          percent(estimate.totalSavedVs8bit),
        ]),
    ),
  );
  const table = textTable(
    ['#', 'accelerator', 'mode', 'compute µJ', 'saved vs 8 bits', 'whole chip µJ', 'saved'],
    rows,
  );
  const notPriced = new Map(
    reports.flatMap(({ report }) => report.notPriced).map((left) => [JSON.stringify(left), left] as const),
  );
  const below = regionWordsText(accelerators) + notPricedText(accelerators, [...notPriced.values()], shownModes);
  return [full, table, full === '' ? below : ''].filter((part) => part !== '').join('\n');
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
  const lines = failureLines(failed).map((line) => `  ${line}\n`);
  return `Failed: ${count(failed.length, 'image')}\n${lines.join('')}`;
}
