import { onDevice } from '../../src-shared/device.ts';
import type { PriceOrder } from '../../src-shared/energy/price-order.ts';
import { type Analysis, statedPlan } from '../../src-shared/analysis.ts';
import { bitsOfNetwork } from '../../src-shared/left-out.ts';
import { leftOutText } from '../../src-shared/left-out-text.ts';
import { planText } from '../../src-shared/precision/plan-text.ts';
import { macWeightedBits, macWeightedLockstepBits } from '../../src-shared/measurement.ts';
import { energyTables } from './energy-table.ts';
import { percent } from './figure-text.ts';
import { oneLine, textTable } from './text-table.ts';

const fixed = (value: number | null, digits: number) => (value === null ? null : value.toFixed(digits));

/** An analysis for people to read. */
export function analysisText(analysis: Analysis, { accelerators, shownModes }: PriceOrder): string {
  const { image, model, plan, layers, leftOut } = analysis;
  const ofNetwork = (bits: number) => bitsOfNetwork(bits, layers, leftOut);
  const lockstepBits = ofNetwork(macWeightedLockstepBits(layers));
  return [
    `${oneLine(image.path)}  ${image.width} x ${image.height}  ·  ${oneLine(model.id)}${onDevice(analysis.device)}${analysis.fromEarlierRun ? '  ·  from an earlier run' : ''}`,
    `plan: ${oneLine(planText(statedPlan(analysis)))}`,
    ...image.remarks.map((remark) => `image: ${remark}`),
    '',
    answers(analysis),
    textTable(
      [
        ...['layer', 'input', 'M MACs', 'bits', 'lock-step', 'by group', 'by pallet', 'zeros', 'one-bits', 'SQNR dB'],
        'bits by level',
      ],
      layers.map((layer) => [
        layer.name,
        layer.inputShape.join(' x '),
        (layer.macs / 1e6).toFixed(1),
        layer.meanBits.toFixed(2),
        layer.lockstepBits.toFixed(2),
        fixed(layer.groupBits, 2),
        fixed(layer.palletBits, 2),
        percent(layer.zeroShare),
        fixed(layer.nonZeroBits, 2),
        fixed(layer.sqnrDb, 1),
        [...(plan.layerBits[layer.name] ?? plan.bits)].reverse().join(' '),
      ]),
    ),
    `MAC-weighted bits in lock-step ${lockstepBits.toFixed(2)}: ${percent(Math.abs(1 - lockstepBits / 8))} ${lockstepBits > 8 ? 'above' : 'below'} uniform 8 bits ` +
      `(ideal ${ofNetwork(macWeightedBits(layers)).toFixed(2)})`,
    ...(layers.some(({ pass }) => pass && pass.share > 0)
      ? [
          `A pass at ${plan.saliency?.bits ?? 0} bits told the regions; it is charged in full here and in every energy below.`,
        ]
      : []),
    ...sentences(leftOutText(layers, leftOut)),
    '',
    energyTables(accelerators, { estimates: analysis.energy, notPriced: analysis.notPriced }, shownModes),
  ].join('\n');
}

const sentences = (text: string | null) => (text === null ? [] : [oneLine(text)]);

const LABEL_WIDTH = 32;

function shortened(label: string): string {
  return label.length > LABEL_WIDTH ? `${label.slice(0, LABEL_WIDTH - 1)}…` : label;
}

function answers({ baseline, quantised, top1Kept, top5Kept }: Analysis): string {
  const rows = baseline.top.map((before, rank) => {
    const after = quantised.top[rank]!;
    return [
      rank + 1,
      shortened(before.label),
      before.probability.toFixed(3),
      shortened(after.label),
      after.probability.toFixed(3),
    ];
  });
  const verdict = top1Kept
    ? 'Top-1 kept.'
    : top5Kept
      ? 'Top-1 changed; the first answer is still among the first five.'
      : 'Top-1 changed; the first answer is no longer among the first five.';
  return `${textTable(['', 'full precision', 'p', 'quantised', 'p'], rows)}${verdict}\n`;
}
