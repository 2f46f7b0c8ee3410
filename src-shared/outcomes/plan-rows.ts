import { count } from '../count-text.ts';
import { builtinAccelerators } from '../energy/accelerators/builtin.ts';
import type { EnergyMode } from '../energy/energy-mode.ts';
import type { LeftOutLayer } from '../measurement.ts';
import { estimateEnergy } from '../energy/energy.ts';
import { againstUniform, type Difference, type PricedPlan } from './against-uniform.ts';
import type { OutcomeColumns } from './outcome-columns.ts';
import { metricParts } from '../precision/metrics.ts';
import { rangeText } from '../precision/plan-text.ts';
import type { PrecisionPlan } from '../precision/precision-plan.ts';
import { isFrontierWidth, sameQuantisation } from '../runs/controls.ts';
import { type PlanRole, roleOf } from '../runs/plan-role.ts';
import type { PlanReport, PolicyReport, RunReport } from '../runs/run-record.ts';
import { policySaved } from '../runs/policy-energy.ts';
import { type Interval, paretoFront, wilsonInterval } from '../runs/statistics.ts';

/** What savings are counted in. */
export interface Currency {
  /** An accelerator's id; null: MAC-weighted activation bits in lock-step, whatever the machine. */
  readonly accelerator: string | null;
  readonly mode: EnergyMode;
  /** The whole chip, or what computes alone. */
  readonly whole: boolean;
}

/** What a plan is to the others, or a policy. */
export type Role = PlanRole | 'oracle' | 'cascade';

/** A plan or policy of a run, as table and scatter show it. Accuracies and savings are shares. */
export interface PlanRow {
  readonly key: string;
  /** Index among the plans of the run; null for a policy. */
  readonly plan: number | null;
  readonly role: Role;
  readonly name: string;
  /** Images it is known of. */
  readonly n: number;
  readonly accuracy: number | null;
  readonly interval: Interval | null;
  /** In the chosen currency; null where it cannot be told. */
  readonly saved: number | null;
  /** The same accelerator's compute energy and whole chip; null in bits. */
  readonly compute: number | null;
  readonly chip: number | null;
  readonly difference: Difference | null;
  /** No other plan known of as many images beats it. */
  readonly front: boolean;
  /** It is a control of the row above. */
  readonly nested: boolean;
}

export function planRows(
  report: RunReport,
  columns: OutcomeColumns | null,
  currency: Currency,
  policies: readonly string[],
): PlanRow[] {
  const rows = report.plans.map((plan, index) => rowOf(plan, index, currency, report.leftOut ?? []));
  const planOf = (index: number) => report.plans[index]!.plan;
  /** Uniform widths whose numbers come about as a plan's own do. */
  const uniformFor = (own: number) =>
    rows.flatMap(({ plan, saved }): PricedPlan[] =>
      plan !== null && saved !== null && isFrontierWidth(planOf(plan)) && sameQuantisation(planOf(plan), planOf(own))
        ? [{ plan, saved }]
        : [],
    );
  const compared = rows.map((row) => ({
    ...row,
    difference:
      columns && row.plan !== null && row.saved !== null && row.role !== 'uniform' && columns.plans[row.plan]
        ? againstUniform(columns, { plan: row.plan, saved: row.saved }, uniformFor(row.plan))
        : null,
  }));
  const inFront = frontOf(compared);
  return [
    ...grouped(compared.map((row) => ({ ...row, front: inFront.has(row) }))),
    ...report.policies.flatMap((policy) => policyRow(policy, rows, currency, policies)),
  ];
}

function rowOf(report: PlanReport, index: number, currency: Currency, leftOut: readonly LeftOutLayer[]): PlanRow {
  const { plan, images, labelled, top1, top1Interval, top1Agreement } = report;
  const energy = energySaved(report, currency, leftOut);
  const agreement = top1Agreement === null ? null : wilsonInterval(Math.round(top1Agreement * images), images);
  return {
    key: `plan ${index}`,
    plan: index,
    role: roleOf(plan),
    name: nameOf(plan),
    n: labelled > 0 ? labelled : images,
    accuracy: labelled > 0 ? top1 : top1Agreement,
    interval: labelled > 0 ? top1Interval : agreement,
    saved:
      currency.accelerator === null ? bitsSaved(report) : energy && (currency.whole ? energy.chip : energy.compute),
    compute: energy?.compute ?? null,
    chip: energy?.chip ?? null,
    difference: null,
    front: false,
    nested: false,
  };
}

function bitsSaved({ macWeightedLockstepBits: bits }: PlanReport): number | null {
  return bits === null ? null : 1 - bits / 8;
}

function energySaved({ layers }: PlanReport, { accelerator, mode }: Currency, leftOut: readonly LeftOutLayer[]) {
  const machine = builtinAccelerators().find(({ id }) => id === accelerator);
  const estimate =
    machine && layers.length > 0
      ? estimateEnergy(machine, layers, { leftOut }).find((one) => one.mode === mode)
      : undefined;
  return estimate ? { compute: estimate.savedVs8bit, chip: estimate.totalSavedVs8bit } : null;
}

/** `combined 50 % at 4/2`. */
export function nameOf(plan: PrecisionPlan): string {
  const { name, inverse } = metricParts(plan.metric);
  const widths = plan.bits.toReversed().join('/');
  const own = Object.keys(plan.layerBits).length;
  const role = roleOf(plan);
  const range = plan.range === 'position' ? '' : plan.block ? `, ${rangeText(plan)}` : ', range per layer';
  const kind = plan.quantiser === 'log' ? ', logarithmic' : '';
  const control = CONTROLS.includes(role) ? `${role} ` : '';
  if (own > 0) return `${control}${count(own, 'layer')} of their own, others ${widths}${range}${kind}`;
  if (role === 'uniform') return `uniform ${count(plan.bits[0]!, 'bit')}${range}${kind}`;
  const low = plan.shares ? `${Number((plan.shares[0]! * 100).toFixed(1))} %` : 'by threshold';
  return `${inverse ? 'inverse ' : ''}${name} ${low} at ${widths}${range}${kind}`;
}

function frontOf(rows: readonly PlanRow[]): ReadonlySet<PlanRow> {
  const most = Math.max(0, ...rows.map(({ n }) => n));
  const able = rows.filter(({ n, saved, accuracy }) => n === most && n > 0 && saved !== null && accuracy !== null);
  const front = paretoFront(able.map(({ saved, accuracy }) => ({ cost: -saved!, accuracy: accuracy! })));
  return new Set(front.map((index) => able[index]!));
}

const CONTROLS: readonly Role[] = ['centre', 'random', 'inverse'];

/** Plans with their controls beneath them, then what is not of a metric, then uniform widths: an order that results do not change. */
function grouped(rows: readonly PlanRow[]): PlanRow[] {
  const setting = ({ name }: PlanRow) => name.slice(name.search(/\d|by threshold/));
  const placed = new Set<PlanRow>();
  const ordered: PlanRow[] = [];
  const place = (row: PlanRow, nested: boolean) => {
    if (placed.has(row)) return;
    placed.add(row);
    ordered.push({ ...row, nested });
  };
  const plans = rows.filter(({ role }) => role === 'plan');
  for (const row of plans) {
    place(row, false);
    // Controls stand beneath the last plan of their setting.
    if (plans.findLast((other) => setting(other) === setting(row)) !== row) continue;
    for (const control of rows)
      if (CONTROLS.includes(control.role) && setting(control) === setting(row)) place(control, true);
  }
  for (const row of rows) if (row.role !== 'uniform') place(row, false);
  for (const row of rows) place(row, false);
  return ordered;
}

function policyRow(
  policy: PolicyReport,
  rows: readonly PlanRow[],
  currency: Currency,
  shown: readonly string[],
): PlanRow[] {
  if (policy.keeps !== 'top1' || policy.policy === 'fixed' || !shown.includes(policy.policy)) return [];
  const accuracy = policy.top1 ?? policy.top1Agreement;
  const priced = (figure: 'saved' | 'compute' | 'chip') =>
    policySaved(policy, (plan) => rows.find((row) => row.plan === plan)?.[figure] ?? null);
  return [
    {
      key: `policy ${policy.policy}`,
      plan: null,
      role: policy.policy,
      name: policy.policy + (policy.threshold === null ? '' : `, margin ${policy.threshold.toFixed(2)}`),
      n: policy.images,
      accuracy,
      interval: accuracy === null ? null : wilsonInterval(Math.round(accuracy * policy.images), policy.images),
      // In bits each image pays its own, on a machine the mean price of its plan.
      saved: currency.accelerator === null ? policy.savedVs8bit : priced('saved'),
      compute: currency.accelerator === null ? null : priced('compute'),
      chip: currency.accelerator === null ? null : priced('chip'),
      difference: null,
      front: false,
      nested: false,
    },
  ];
}
