import type { PriceOrder } from '../../src-shared/energy/price-order.ts';
import { bitsOfLayer, optionsOfPlan } from '../../src-shared/precision/precision-plan.ts';
import { KEPT_NAMES } from '../../src-shared/runs/comparison-words.ts';
import type { Keeps } from '../../src-shared/runs/policies.ts';
import type { FailedImage } from '../../src-shared/runs/run-record.ts';
import type { MeasuredJointPlan, UnseenOutcome } from '../work/find-joint-plan.ts';
import { differenceText, percent } from './figure-text.ts';
import { runOutput } from './run-text.ts';
import { textTable } from './text-table.ts';

/** What `fovea profile --joint` says: the plan, what its search gives on images it did not see, the plan beside its controls. */
export function jointOutput(
  { found, byHalf, unseen, uniformUnseen, layers, measured }: MeasuredJointPlan,
  asked: { readonly keeps: Keeps; readonly tolerance: number },
  pricing: PriceOrder,
): { readonly text: string; readonly json: object; readonly failed: readonly FailedImage[] } {
  const { run, report, failed, remarked } = measured;
  const output = runOutput(run, report, failed, remarked, pricing);
  const bits = layers.map(({ name, macs }) => {
    const [low, high = low] = bitsOfLayer(found.plan, name, false);
    return { name, high: high!, low: low!, macs };
  });
  const uniformBits = [...new Set(byHalf.map((half) => half.uniformBits))].join(' and ');
  const { images, plainRight } = unseen;
  const answers = KEPT_NAMES[asked.keeps];
  return {
    text: [
      textTable(
        ['layer', 'bits', 'least important', 'MACs'],
        bits.map(({ name, high, low, macs }) => [name, high, low === high ? null : low, macs]),
      ),
      `Found on ${found.images} images, ${found.byAgreement ? 'by agreement with the plain network' : 'by right answers'}; ` +
        `${found.plansTried} plans tried.`,
      `\nOn images it did not see: each half of ${images} under what was found on the other; plain ${answers} ${percent(plainRight / images)!}.`,
      textTable(
        ['', answers, 'against plain', 'saved by the widths of groups'],
        [unseenRow('joint', unseen), unseenRow(`uniform ${uniformBits} bits`, uniformUnseen)],
      ),
      `The plan (1) on all ${run.images} images${found.byAgreement ? ', which it was found on' : ''}:\n`,
      output.text,
    ].join('\n'),
    json: {
      plan: optionsOfPlan(found.plan),
      layers: bits,
      ...asked,
      search: { byAgreement: found.byAgreement, images: found.images, plansTried: found.plansTried, run: found.runId },
      halves: byHalf.map(({ plan, images, plansTried, runId }) => ({
        plan: optionsOfPlan(plan),
        images,
        plansTried,
        run: runId,
      })),
      unseen,
      uniform: { bits: byHalf.map((half) => half.uniformBits), unseen: uniformUnseen },
      measured: output.json,
    },
    failed,
  };
}

function unseenRow(name: string, { images, right, difference, savedByGroup }: UnseenOutcome) {
  const told = differenceText({ ...difference, familyPValue: difference.pValue });
  return [name, percent(right / images), told, percent(savedByGroup)];
}
