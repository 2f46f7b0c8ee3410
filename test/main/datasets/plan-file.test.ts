import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readGrid, readPlans } from '../../../src-main/datasets/plan-file.ts';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const fileOf = (text: string) => join(temporaryFolder({ 'plans.json': text }), 'plans.json');

describe('readPlans', () => {
  it('refuses a list of no plans: a run of nothing is no result', async () => {
    await expect(readPlans(fileOf('[]'), {})).rejects.toMatchObject({
      code: 'bad-plan',
      message: expect.stringMatching(/plans\.json: .*no plans/),
    });
  });

  it('reads files that begin with a byte-order mark, as some editors write them', async () => {
    expect(await readPlans(fileOf('\uFEFF[{"bits":[4,2]}]'), {})).toMatchObject([{ bits: [2, 4] }]);
    expect(await readGrid(fileOf('\uFEFF{"bits":[[4,2],[5,0]]}'), {})).toMatchObject([
      { bits: [2, 4] },
      { bits: [0, 5] },
    ]);
  });

  it('takes options of one width for one plan, whatever map stands beside them, and a resolved plan to the letter', async () => {
    const grid = '{"metric":["centre","random","sensitivity"],"bits":[[4],[4,2]],"seed":[1,2]}';
    const plans = await readGrid(fileOf(grid), {});
    expect(plans.filter(({ bits }) => bits.length === 1)).toEqual([resolvePlan({ metric: 'uniform', bits: [4] })]);
    expect(plans).toHaveLength(1 + 3 * 2);
    const resolved = resolvePlan({ metric: 'centre', bits: [4], seed: 3 });
    expect(await readPlans(fileOf(JSON.stringify(resolved)), {})).toEqual([resolved]);
  });

  it('names the plan that is wrong', async () => {
    await expect(readPlans(fileOf('[{"bits":[4,2]},{"bits":[40]}]'), {})).rejects.toThrow(
      /plans\.json, plan 2: .*bits/,
    );
  });
});
