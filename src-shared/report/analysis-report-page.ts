import { nameOfDevice } from '../device.ts';
import type { Analysis } from '../analysis.ts';
import { levelColour } from '../colormap.ts';
import { builtinAccelerators } from '../energy/accelerators/builtin.ts';
import { DEFAULT_ENERGY_MODE } from '../energy/energy-mode.ts';
import type { PriceOrder } from '../energy/price-order.ts';
import { leftOutText } from '../left-out-text.ts';
import { macWeightedLockstepBits } from '../measurement.ts';
import { percent } from '../number-text.ts';
import type { PrecisionPlan } from '../precision/precision-plan.ts';
import { planText } from '../precision/plan-text.ts';
import { type Preprocessing, visibleRectangle } from '../preprocessing.ts';
import { analyzeLine } from '../runs/batch-line.ts';
import { HEADLINE_ACCELERATOR } from '../runs/compared-energy.ts';
import { constantsSection, wordsSection } from './constants-section.ts';
import { mapDrawing } from './drawings.ts';
import type { HtmlPart } from './html.ts';
import { energySection, layersSection, MODE, UNIFORM_8 } from './parts.ts';
import { type Basis, basisText, facts, figure, type ReportPage, table } from './report-page.ts';

/** One image under one plan, to be told of. */
export interface ReportedAnalysis {
  readonly analysis: Analysis;
  /** As it was ordered: layers that have no bits of their own are not named. */
  readonly plan: PrecisionPlan;
  readonly preprocessing: Preprocessing;
  readonly pricing: PriceOrder;
  /** What the photo is called in the title. */
  readonly name: string;
  /** `data:` address of the photo; null where it cannot be shown. */
  readonly photo: string | null;
}

const OWN_MAPS =
  'Every layer finds the levels of its own input; the map shown is the mean level over the layers, cut by the share.';

export function analysisReportPage({
  analysis,
  plan,
  preprocessing,
  pricing,
  name,
  photo,
}: ReportedAnalysis): ReportPage {
  const { image, model, importance, baseline, quantised, layers } = analysis;
  const machine = builtinAccelerators().find(({ id }) => id === HEADLINE_ACCELERATOR)!;
  const estimate = analysis.energy.find(
    ({ accelerator, mode }) => accelerator === machine.id && mode === DEFAULT_ENERGY_MODE,
  );
  const basis: Basis = {
    n: '1 photo',
    interval: 'none: one photo says nothing of others',
    baseline: UNIFORM_8,
    machine: machine.name,
    mode: MODE,
  };
  const levels = plan.bits.length;
  const share = (level: number) =>
    importance.levels.filter((own) => own === level).length / Math.max(1, importance.levels.length);
  const [rows, columns] = importance.grid;
  const leftOut = leftOutText(layers, analysis.leftOut);
  const before = baseline.top[0]?.label ?? '–';
  const after = quantised.top[0]?.label ?? '–';
  return {
    title: name,
    kind: 'An image',
    version: analysis.version,
    sentence:
      `${analysis.top1Kept ? `Same answer (${before})` : `Another answer (${after} for ${before})`} ` +
      (estimate
        ? `with ${percent(Math.abs(estimate.savedVs8bit), 1)} ${estimate.savedVs8bit < 0 ? 'more' : 'less'} compute energy than uniform 8 bits, on ${machine.name}, ${MODE}; of the whole chip ${percent(estimate.totalSavedVs8bit, 1)} saved.`
        : `with ${macWeightedLockstepBits(layers).toFixed(2)} bits for each activation, ${MODE}.`),
    remarks: [...(importance.levelMaps ? [OWN_MAPS] : []), ...(leftOut === null ? [] : [leftOut]), ...image.remarks],
    figure: figure(
      mapDrawing(
        {
          photo,
          width: image.width,
          height: image.height,
          crop: visibleRectangle(image.width, image.height, preprocessing),
          rows,
          columns,
          colours: importance.levels.map((level) => levelColour(level, levels)),
          key: plan.bits.map(
            (bits, level) => [levelColour(level, levels), `${bits} bits, ${percent(share(level))}`] as const,
          ),
        },
        `The photo ${name}, and beside it the same under a map of ${rows} x ${columns} regions: ${plan.bits
          .map((bits, level) => `${percent(share(level))} at ${bits} bits`)
          .join(', ')}, by ${importance.metric}.`,
      ),
      `The photo, and the regions by their bits; what lies outside of the map the network does not see.`,
      basis,
    ),
    table: table(
      `The five most probable answers. ${basisText(basis)}`,
      [
        { title: '' },
        { title: 'Plain network' },
        { title: 'Probability', number: true },
        { title: 'Under the plan' },
        { title: 'Probability', number: true },
      ],
      baseline.top.map((one, rank): HtmlPart[] => [
        rank + 1,
        one.label,
        one.probability.toFixed(3),
        quantised.top[rank]?.label ?? null,
        quantised.top[rank]?.probability.toFixed(3) ?? null,
      ]),
    ),
    command: analyzeLine(image.path, model.id, plan, analysis.device, analysis.importance.map?.path),
    sections: [
      energySection(pricing, { estimates: analysis.energy, notPriced: analysis.notPriced }, null, '1 photo'),
      layersSection(layers, '1 photo'),
      {
        title: 'What was measured, and how',
        body: facts([
          ['Photo', `${image.path}, ${image.width} × ${image.height} pixels`],
          ['SHA-256 of the photo', image.sha256],
          ['Model', model.id],
          ['SHA-256 of the model', model.sha256],
          ['Run on', nameOfDevice(analysis.device)],
          ['Plan', planText(plan)],
          ['Seed', String(plan.seed)],
          [
            'Preprocessing',
            `${preprocessing.channels}, ${preprocessing.resizeShorterSide === null ? 'squashed' : `shorter side ${preprocessing.resizeShorterSide}, centre crop`} to ${preprocessing.width} × ${preprocessing.height}, values ${preprocessing.range.join(' to ')}, mean ${preprocessing.mean.join(' ')}, deviation ${preprocessing.std.join(' ')}`,
          ],
        ]),
      },
      wordsSection(),
      constantsSection(pricing.accelerators),
    ],
  };
}
