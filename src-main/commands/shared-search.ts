import { FoveaError } from '../../src-shared/errors.ts';
import { profileText } from '../../src-shared/precision/profile-search.ts';
import type { FailedImage, RunRecord } from '../../src-shared/runs/run-record.ts';
import { DEFAULT_MODEL } from '../models/model-library.ts';
import { oneLine } from '../text/text-table.ts';
import type { Bench } from '../work/bench.ts';
import type { PricedOrder, SharedSearch } from '../work/on-halves.ts';
import type { FoundProfile } from '../work/plan-search.ts';
import type { CommandContext, CommandResult } from './command-line.ts';
import { isTolerated, type SharedSearchFlags } from './folder-options.ts';
import { pricingOf } from './pricing.ts';

/** What a task does of an order that begins with a search for bits. @throws FoveaError `bad-argument` */
export function sharedSearchOf({ shard, searchFrom, searchOnly }: SharedSearchFlags): SharedSearch {
  if (searchOnly && shard)
    throw new FoveaError('bad-argument', '--search-only and --shard exclude each other', 'Search once, then cut.');
  if (searchOnly && searchFrom !== undefined)
    throw new FoveaError('bad-argument', '--search-only and --search-from exclude each other', 'Give one of them.');
  return { shard, searchFrom, searchOnly };
}

/** What both commands ask for whose report begins with a search. @throws FoveaError `bad-argument`, `model-…`, ... */
export async function halvedOrderOf(folder: string, flags: SharedSearchFlags, bench: Bench): Promise<PricedOrder> {
  const { model, labels, name, workers } = flags;
  const shared = sharedSearchOf(flags);
  refuseReportOfPart(flags);
  const pricing = await pricingOf(flags);
  return { model: bench.library.find(model ?? DEFAULT_MODEL), folder, labels, name, workers, pricing, ...shared };
}

/** @throws FoveaError `bad-argument` where there will be no report */
function refuseReportOfPart({ out, shard, searchOnly }: SharedSearchFlags): void {
  if (out === undefined || (!shard && !searchOnly)) return;
  throw new FoveaError(
    'bad-argument',
    `--${shard ? 'shard' : 'search-only'} makes no report to write with --out`,
    'Give the command without it once all shards are merged.',
  );
}

/** What a task of several says: the report is made of all of them. */
export function partOutput(
  command: 'profile' | 'reproduce' | 'methods',
  {
    run,
    searched,
    failed,
  }: { run: RunRecord | null; searched: readonly FoundProfile[]; failed: readonly FailedImage[] },
  { allowFailed }: SharedSearchFlags,
  { db }: Pick<CommandContext, 'db'>,
): CommandResult {
  const found = searched.map(
    ({ bits, images, plansTried, runId }) =>
      `Found ${profileText(bits)} on ${images} images, in ${plansTried} trials (run ${runId})`,
  );
  const done = run?.shard
    ? `Shard ${run.shard.index} of ${run.shard.count} is done: ${run.images} images in run ${run.id}`
    : null;
  const next = run
    ? `Join the shards with fovea runs merge DIR --db FILE, then give fovea ${command} --db FILE without --shard: it reports what is there.`
    : `Shards take it from there: fovea ${command} --shard I/N --search-from ${oneLine(db)} --db FILE.`;
  return {
    text: `${[...found, done, next].filter((line) => line !== null).join('\n')}\n`,
    json: {
      run: run && { ...run, failed },
      ...(searched.length === 1 ? { staticProfile: searched[0] } : { searched }),
    },
    failed,
    tolerated: run !== null && isTolerated(allowFailed, failed.length, run.images),
  };
}
