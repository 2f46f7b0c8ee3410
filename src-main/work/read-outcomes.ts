import { bitsOfNetwork } from '../../src-shared/left-out.ts';
import { askedPlans } from '../../src-shared/runs/controls.ts';
import { ladderLength } from '../../src-shared/runs/oracle-ladders.ts';
import { isStaticProfile } from '../../src-shared/runs/policies.ts';
import { FULL_BITS, type MeasuredPlan, type RunOutcomes } from '../../src-shared/runs/run-outcomes.ts';
import { inFirstHalf, margin, type PlanTally, type TopClasses } from '../../src-shared/runs/run-record.ts';
import { LayerCountsMean, lockstepBitsOf } from '../store/layer-counts-blob.ts';
import { topOf } from '../store/result-rows.ts';
import type { RunDatabase } from '../store/run-database.ts';
import { DIGEST_BYTES, type DigestedImage, type DigestedResult, imageDigest } from '../store/run-digest.ts';
import { ANSWER_BITS, emptyPart, IMAGE_BITS, type RunPart } from '../store/run-part.ts';
import { findRun, runModel, runPlans } from '../store/run-query.ts';

/** The outcomes of a run; see {@link readPart}. */
export function readOutcomes(store: RunDatabase, runId: string): RunOutcomes {
  return outcomesOf(store, runId, readPart(store, runId));
}

interface ImageRow extends DigestedImage {
  readonly image_id: number | null;
}

type ResultRow = readonly [
  series: number,
  ...classes: readonly [number | null, number | null, number | null, number | null, number | null],
  probabilities: Buffer,
  bits: number | null,
  counts: Buffer | null,
];

/**
 * Reads a run image by image, in the order of the paths: the same results give the same numbers to the last digit, whatever the
 * order of work was.
 * @param options `digests`: whether to digest what is read, default true; `keepUp`: called at each image
 */
export function readPart(
  store: RunDatabase,
  runId: string,
  { digests = true, keepUp }: { readonly digests?: boolean; readonly keepUp?: (() => void) | undefined } = {},
): RunPart {
  const { db } = store;
  const { layers, settings } = runModel(store, runId);
  const images = store.read(() =>
    db
      .prepare<[string], ImageRow>(
        `SELECT run_images.path, label, image_id, sha256, code FROM run_images
         LEFT JOIN images ON images.id = image_id
         LEFT JOIN run_failures AS f ON f.run_id = run_images.run_id AND f.path = run_images.path
         WHERE run_images.run_id = ? ORDER BY run_images.path`,
      )
      .all(runId),
  );
  const series = store.read(() =>
    db
      .prepare<{ run: string }, { id: number; position: number | null; plan: Buffer | null }>(
        `SELECT series.id, position, sha256 AS plan
         FROM (SELECT series_id, position FROM run_plans WHERE run_id = :run UNION SELECT baseline_id, NULL FROM runs WHERE id = :run)
         JOIN series ON series.id = series_id LEFT JOIN plans ON plans.id = plan_id ORDER BY sha256`,
      )
      .all({ run: runId }),
  );
  const seriesById = new Map([...Map.groupBy(series, ({ id }) => id)].map(([id, own], rank) => [id, { own, rank }]));
  const rankOf = ([id]: ResultRow) => seriesById.get(id)!.rank;
  const results = db
    .prepare<[number, string], ResultRow>(
      `SELECT series_id, class1, class2, class3, class4, class5, probabilities, mac_weighted_bits, counts
       FROM results LEFT JOIN layer_counts ON result_id = id
       WHERE image_id = ? AND series_id IN (SELECT value FROM json_each(?))`,
    )
    .raw();
  const ids = JSON.stringify([...seriesById.keys()]);
  const part = emptyPart(images.length, series.filter(({ position }) => position !== null).length, layers.length);
  const means = part.plans.map(({ counts }) => new LayerCountsMean(layers, counts));
  images.forEach((image, at) => {
    keepUp?.();
    const rows = image.image_id === null ? [] : store.read(() => results.all(image.image_id!, ids));
    rows.sort((a, b) => rankOf(a) - rankOf(b));
    const digested: DigestedResult[] = [];
    let plain: TopClasses | null = null;
    for (const [id, class1, class2, class3, class4, class5, probabilities, bits, counts] of rows) {
      const top = topOf([class1, class2, class3, class4, class5], probabilities);
      const { own } = seriesById.get(id)!;
      digested.push({ plan: own[0]!.plan, classes: top.classes.join(','), probabilities, counts });
      for (const { position } of own)
        if (position === null) {
          plain = top;
          part.state[at] = stateOf(image, top);
        } else if (plain && counts) {
          const plan = part.plans[position]!;
          plan.answers[at] = answerOf(image.label, plain, top);
          plan.bits[at] = bits ?? 0;
          plan.lockstepBits[at] = lockstepBitsOf(counts, layers);
          plan.margin[at] = margin(top);
          means[position]!.add(counts);
        }
    }
    if (digests)
      part.digests.set(imageDigest({ ...image, map: settings.maps?.[image.path] }, digested), DIGEST_BYTES * at);
  });
  return part;
}

function stateOf({ label, sha256 }: ImageRow, plain: TopClasses): number {
  return (
    IMAGE_BITS.known |
    (label === null ? 0 : IMAGE_BITS.labelled) |
    (sha256 && inFirstHalf(sha256.toString('hex')) ? IMAGE_BITS.firstHalf : 0) |
    (label === null || isFirst(plain, label) ? IMAGE_BITS.top1 : 0) |
    (label === null || isAmongFive(plain, label) ? IMAGE_BITS.top5 : 0)
  );
}

function answerOf(label: number | null, { classes: [plain] }: TopClasses, answer: TopClasses): number {
  const right = label ?? plain;
  return (
    ANSWER_BITS.known |
    (isFirst(answer, right) ? ANSWER_BITS.top1 : 0) |
    (isAmongFive(answer, right) ? ANSWER_BITS.top5 : 0) |
    (isFirst(answer, plain) ? ANSWER_BITS.sameTop1 : 0) |
    (isAmongFive(answer, plain) ? ANSWER_BITS.sameTop5 : 0) |
    (answer.classes.length === 0 ? ANSWER_BITS.unanswered : 0)
  );
}

/** The same of what was read, or joined of shards. */
export function outcomesOf(store: RunDatabase, runId: string, { state, plans: parts }: RunPart): RunOutcomes {
  const { layers, leftOut } = runModel(store, runId);
  const { firstSuccess } = findRun(store, runId);
  const names = layers.map(({ name }) => name);
  // An image that no plan was needed for has no result of any.
  const images = [...state.keys()].filter(
    (image) => has(state, image, IMAGE_BITS.known) && (firstSuccess || parts.some(({ answers }) => answers[image])),
  );
  const column = (from: Uint8Array, bit: number) => {
    const own = new Uint8Array(images.length);
    // `from` with a function takes twenty times as long.
    for (let at = 0; at < images.length; at++) own[at] = Number(has(from, images[at]!, bit));
    return own;
  };
  const labelled = column(state, IMAGE_BITS.labelled);
  const full = { top1: column(state, IMAGE_BITS.top1), top5: column(state, IMAGE_BITS.top5) };
  const ofNetwork = (bits: number) => (leftOut?.length ? bitsOfNetwork(bits, layers, leftOut) : bits);
  const plans = runPlans(store, runId).map((plan, index): MeasuredPlan => {
    const { answers, counts, ...own } = parts[index]!;
    const known = column(answers, ANSWER_BITS.known);
    const [top1, top5, sameTop1, sameTop5, unanswered] = (
      ['top1', 'top5', 'sameTop1', 'sameTop5', 'unanswered'] as const
    ).map((name) => column(answers, ANSWER_BITS[name])) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const tally = emptyTally();
    const bits: number[] = [];
    const lockstepBits: number[] = [];
    const cost = new Float64Array(images.length).fill(NaN);
    const ofMargin = new Float64Array(images.length).fill(NaN);
    images.forEach((image, at) => {
      if (!known[at]) return;
      cost[at] = ofNetwork(own.lockstepBits[image]!);
      ofMargin[at] = own.margin[image]!;
      bits.push(ofNetwork(own.bits[image]!));
      lockstepBits.push(cost[at]);
      tally.images++;
      tally.unanswered += unanswered[at]!;
      tally.top1Agreement += sameTop1[at]!;
      tally.top5Agreement += sameTop5[at]!;
      tally.macWeightedBits += bits.at(-1)!;
      tally.macWeightedLockstepBits += cost[at];
      if (!labelled[at]) return;
      tally.labelled++;
      tally.top1 += top1[at]!;
      tally.top5 += top5[at]!;
      tally.baselineTop1 += full.top1[at]!;
      tally.baselineTop5 += full.top5[at]!;
    });
    const ofLayers = bits.length === 0 ? [] : new LayerCountsMean(layers, counts).mean();
    return {
      ...{ plan, tally, bits, lockstepBits, layers: ofLayers },
      ...{ top1, top5, sameTop1, sameTop5, cost, margin: ofMargin },
    };
  });
  const complete = [...images.keys()].filter(
    (at) => firstSuccess || parts.every(({ answers }) => has(answers, images[at]!, ANSWER_BITS.known)),
  );
  const judgedByLabel = complete.filter((at) => labelled[at]);
  const judged = judgedByLabel.length > 0 ? judgedByLabel : complete;
  const firstHalf = column(state, IMAGE_BITS.firstHalf);
  return {
    plans,
    asked: firstSuccess
      ? ladderLength(plans.map(({ plan }) => plan))
      : askedPlans(
          plans.map(({ plan }) => plan),
          layers,
        ),
    // Of no plan alone is known what it gives on all images.
    staticProfiles: firstSuccess ? [] : [...plans.keys()].filter((index) => isStaticProfile(plans[index]!.plan, names)),
    full: { ...full, cost: FULL_BITS },
    labelled: judgedByLabel.length > 0,
    judged,
    calibration: judged.filter((at) => firstHalf[at]),
    rest: judged.filter((at) => !firstHalf[at]),
  };
}

function has(set: Uint8Array, at: number, bit: number): boolean {
  return (set[at]! & bit) !== 0;
}

/** Of no image. */
export function emptyTally(): { -readonly [Key in keyof PlanTally]: PlanTally[Key] } {
  return {
    images: 0,
    labelled: 0,
    top1: 0,
    top5: 0,
    baselineTop1: 0,
    baselineTop5: 0,
    top1Agreement: 0,
    top5Agreement: 0,
    macWeightedBits: 0,
    macWeightedLockstepBits: 0,
    unanswered: 0,
  };
}

function isFirst(answer: TopClasses, right: number | undefined): boolean {
  return answer.classes[0] === right;
}

function isAmongFive(answer: TopClasses, right: number | undefined): boolean {
  return right !== undefined && answer.classes.includes(right);
}
