import { describe, expect, it } from 'vitest';
import { type LayerCounts, macWeightedLockstepBits } from '../../../src-shared/measurement.ts';
import { timeloopProblems, zigzagWorkload } from '../../../src-shared/runs/workload-export.ts';
import { uniformCounts } from '../../../src-shared/uniform-counts.ts';

/** Two convolutions whose MACs are those of their loops. */
const layers = (share: number): LayerCounts[] =>
  [3, 4].map((channels, index) => ({
    ...uniformCounts(
      {
        name: `conv${index + 1}`,
        op: 'Conv',
        inputShape: [channels, 8, 8],
        outputShape: [4, 8, 8],
        kernel: [3, 3],
        groups: 1,
        macs: channels * 4 * 8 * 8 * 9,
        values: channels * 64,
        weights: channels * 36,
      },
      index === 0 ? 8 : 5,
    ),
    pass: { share, bits: index === 0 ? 8 : 4 },
  }));

describe('a workload for another simulator', () => {
  it('has the pass that is charged: its nodes together multiply at the widths that Fovea charges', () => {
    const text = zigzagWorkload('frames', layers(1), null);
    expect([...text.matchAll(/name: (.*)/g)].map(([, name]) => name)).toEqual(
      ['pass/conv1', 'pass/conv2', 'conv1', 'conv2'].map((name) => JSON.stringify(name)),
    );
    expect([...text.matchAll(/^- id: (\d+)/gm)].map(([, id]) => id)).toEqual(['0', '1', '2', '3']);
    const sizes = [...text.matchAll(/loop_sizes: (\[.*\])/g)].map(([, list]) =>
      (JSON.parse(list!) as number[]).reduce((product, size) => product * size, 1),
    );
    const widths = [...text.matchAll(/ {4}I: (\d+)\n {4}O:/g)].map(([, bits]) => Number(bits));
    const charged = sizes.reduce((sum, macs, node) => sum + macs * widths[node]!, 0);
    expect(charged / (sizes[2]! + sizes[3]!)).toBeCloseTo(macWeightedLockstepBits(layers(1)), 9);
    const problems = timeloopProblems('frames', layers(1), null);
    expect(problems.map(({ fileName }) => fileName)).toEqual([
      '1-pass_conv1.yaml',
      '2-pass_conv2.yaml',
      '3-conv1.yaml',
      '4-conv2.yaml',
    ]);
    expect(problems[1]!.text).toContain('ACTIVATION_BITS: 4\n');
  });

  it('says by how much to weigh a pass that not every image makes', () => {
    const remark = 'of the saliency pass before the run, which a share of 0.0625 of the images makes: weigh it so';
    expect(zigzagWorkload('frames', layers(1 / 16), null)).toContain(`- id: 0 # ${remark}\n`);
    expect(timeloopProblems('frames', layers(1 / 16), null)[0]!.text).toContain(`# "pass/conv1": ${remark}\n`);
  });
});
