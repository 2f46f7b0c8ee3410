import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readGrid, readPlans } from '../../../src-main/datasets/plan-file.ts';
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

  it('names the plan that is wrong', async () => {
    await expect(readPlans(fileOf('[{"bits":[4,2]},{"bits":[40]}]'), {})).rejects.toThrow(
      /plans\.json, plan 2: .*bits/,
    );
  });
});
