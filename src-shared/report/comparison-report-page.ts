import { count } from '../count-text.ts';
import { builtinAccelerators } from '../energy/accelerators/builtin.ts';
import { acceleratorLabel } from '../energy/accelerators/accelerator.ts';
import { DEFAULT_ENERGY_MODE, MODE_NAMES } from '../energy/energy-mode.ts';
import type { PriceOrder } from '../energy/price-order.ts';
import { macWeightedLockstepBits } from '../measurement.ts';
import { percent } from '../number-text.ts';
import { planText } from '../precision/plan-text.ts';
import { compareLayers, type ComparedEnergy, headlineEnergy, type SavedDifference } from '../runs/compared-energy.ts';
import { comparisonHeadline } from '../runs/comparison-headline.ts';
import { answerRow, interval, KEPT_NAMES, pairRows, points, pText, savedRow } from '../runs/comparison-words.ts';
import { disagreements, KEPT, type PairedImages, sideLetter } from '../runs/run-comparison.ts';
import type { RunsComparison } from '../contract/comparison.ts';
import { quoted } from '../shell-word.ts';
import { constantsSection, wordsSection } from './constants-section.ts';
import { barDrawings, forestDrawing } from './drawings.ts';
import { html, type HtmlPart } from './html.ts';
import { intervalWords, MODE, photoList } from './parts.ts';
import {
  type Basis,
  basisText,
  columnsOf,
  facts,
  figure,
  type ReportPage,
  type ReportSection,
  table,
} from './report-page.ts';

/** Runs side by side, to be told of. */
export interface ReportedComparison extends Omit<RunsComparison, 'columns' | 'planNames'> {
  readonly paired: PairedImages;
  readonly pricing: PriceOrder;
  /** Small pictures by path of the image in the first run, as `data:` addresses. */
  readonly pictures: ReadonlyMap<string, string>;
  /** Fovea's. */
  readonly version: string;
}

const MOST_LISTED = 400;

/** @throws never: runs without an image in common give a report that says so */
export function comparisonReportPage(reported: ReportedComparison): ReportPage {
  const { sides, comparison, energy, layers, pricing, version } = reported;
  const spoken = headlineEnergy(energy);
  const machine = builtinAccelerators().find(({ id }) => id === spoken?.accelerator);
  const letters = sides.map((_, index) => sideLetter(index));
  const basis: Basis = {
    n: count(comparison.judged, 'photo'),
    interval: '95 %, Newcombe for shares of photos, of a ratio of means for energy',
    baseline: `A; energy: saved of uniform 8 bits on the same machine`,
    machine: machine?.name ?? 'none could be priced',
    mode: spoken ? MODE_NAMES[spoken.mode] : MODE,
  };
  const { paired, judgedBy } = comparison;
  const forest =
    paired.length === 1
      ? pairRows(paired[0]!, spoken, 1)
      : paired.flatMap((pair, index) => [
          answerRow(`${letters[index + 1]}: ${KEPT_NAMES.top1}`, pair, 'top1'),
          ...(spoken ? [savedRow(`${letters[index + 1]}: compute saved`, spoken.computeDifferences[index]!)] : []),
        ]);
  const unfinished = sides.filter(({ run }) => run.status !== 'complete');
  return {
    title: sides
      .map(
        ({ run, planIndex }, index) => `${letters[index]} ${run.name}${run.plans > 1 ? `, plan ${planIndex + 1}` : ''}`,
      )
      .join(' · '),
    kind: 'A comparison',
    version,
    sentence:
      paired.length === 0
        ? 'These runs have no image in common.'
        : `${paired.map((pair, index) => comparisonHeadline(index + 1, pair, judgedBy, machine?.name ?? '', spoken)).join('; ')}.`,
    remarks: [
      ...(judgedBy === 'agreement' ? ['There are no labels: right is what the plain network says.'] : []),
      ...unfinished.map(
        ({ run }) => `${run.name} is ${run.status}: ${run.finished} of ${count(run.images, 'photo')} are done.`,
      ),
    ],
    figure: figure(
      forestDrawing(forest, 'Differences against A'),
      'Differences against A, in points; what is filled differs beyond chance.',
      basis,
    ),
    table: table(
      basisText(basis),
      columnsOf(
        ['', 'Plan'],
        ['Top-1, %', '95 %', 'Same as plain, %', `Bits, ${MODE}`, 'Compute saved, %', 'Whole chip, %'],
      ),
      sides.map(({ plan }, index): HtmlPart[] => {
        const accuracy = comparison.accuracies?.[index];
        const cost = spoken?.sides[index];
        const hundredths = (share: number | undefined) => (share === undefined ? null : (share * 100).toFixed(1));
        return [
          letters[index]!,
          planText(plan),
          hundredths(accuracy?.top1),
          intervalWords(accuracy?.top1Interval ?? null),
          hundredths(accuracy?.agreement),
          layers[index] ? macWeightedLockstepBits(layers[index]).toFixed(2) : null,
          hundredths(cost?.savedVs8bit),
          hundredths(cost?.totalSavedVs8bit),
        ];
      }),
    ),
    command: `fovea runs compare ${sides.map(({ run, planIndex }) => quoted(`${run.id}:${planIndex + 1}`)).join(' ')}`,
    sections: [
      ...(paired.length > 0 ? [testsSection(reported, basis)] : []),
      ...(energy.length > 0 ? [energySection(energy, pricing, letters, basis)] : []),
      ...(machine && spoken && layers.length > 0 ? [layersSection(reported, machine, letters, basis)] : []),
      disagreementsSection(reported, letters),
      setUpSection(reported, letters),
      wordsSection(),
      constantsSection(pricing.accelerators),
    ],
  };
}

function testsSection({ comparison: { paired } }: ReportedComparison, basis: Basis): ReportSection {
  return {
    title: 'Answers, photo by photo',
    body: table(
      `${basisText(basis)} p: McNemar, exact; with several runs raised by Holm. The last column: photos needed to see a difference of 1 point.`,
      columnsOf([''], ['Both right', 'Only A', 'Only the other', 'Both wrong', 'Difference, points', 'p', 'Photos']),
      paired.flatMap((pair, index) =>
        KEPT.map((kept): HtmlPart[] => {
          const own = pair[kept];
          return [
            `${sideLetter(index + 1)} against A, ${KEPT_NAMES[kept]}`,
            ...[own.bothRight, own.onlyFirst, own.onlyOther, own.bothWrong],
            `${points(own.difference)} (${interval(own.interval)})`,
            pText(own.familyPValue),
            own.imagesForAPoint,
          ];
        }),
      ),
    ),
  };
}

function energySection(
  energy: readonly ComparedEnergy[],
  { accelerators }: PriceOrder,
  letters: readonly string[],
  basis: Basis,
): ReportSection {
  const own = energy.filter(({ mode }) => mode === DEFAULT_ENERGY_MODE);
  const words = ({ difference, interval: of }: SavedDifference) =>
    `${points(difference)}${of ? ` (${interval(of)})` : ''}`;
  return {
    title: 'Energy on every machine',
    body: table(
      `Share saved, of compute energy and of the whole chip; differences in points. ${basisText({ ...basis, machine: 'as named', mode: MODE })}`,
      columnsOf(
        ['Machine'],
        ['compute', 'chip'].flatMap((part) => [
          ...letters.map((letter) => `${letter}, ${part}`),
          ...letters.slice(1).map((letter) => `${letter} − A`),
        ]),
      ),
      own.map(({ accelerator, sides, computeDifferences, totalDifferences }): HtmlPart[] => {
        const found = accelerators.find(({ id }) => id === accelerator);
        return [
          found ? acceleratorLabel(found) : accelerator,
          ...sides.map(({ savedVs8bit }) => percent(savedVs8bit, 1)),
          ...computeDifferences.map(words),
          ...sides.map(({ totalSavedVs8bit }) => percent(totalSavedVs8bit, 1)),
          ...totalDifferences.map(words),
        ];
      }),
    ),
  };
}

function layersSection(
  { layers, energy }: ReportedComparison,
  machine: PriceOrder['accelerators'][number],
  letters: readonly string[],
  basis: Basis,
): ReportSection {
  const spoken = headlineEnergy(energy)!;
  const rows = compareLayers(machine, spoken.mode, layers);
  const own = { ...basis, interval: 'none: means over all values', baseline: 'A' };
  return {
    title: 'Layer by layer',
    body: [
      ...barDrawings(
        rows.map(({ layer, lockstepBits }) => ({
          label: layer,
          values: lockstepBits.slice(0, 2),
          note: lockstepBits.map((bits) => bits.toFixed(2)).join(', '),
        })),
        letters.slice(0, 2),
        `Bits of each layer, ${MODE}`,
        { value: 8, words: '8' },
      ).map((drawing) =>
        figure(
          drawing,
          `Mean bits of the activations that enter each layer${letters.length > 2 ? '; of A and B' : ''}.`,
          own,
        ),
      ),
      table(
        `Bits, ${MODE}, and compute energy in microjoules. ${basisText(own)}`,
        columnsOf(
          ['Layer'],
          ['Bits', 'µJ'].flatMap((figure) => letters.map((letter) => `${figure} ${letter}`)),
        ),
        rows.map((row): HtmlPart[] => [
          row.layer,
          ...row.lockstepBits.map((bits) => bits.toFixed(2)),
          ...letters.map((_, side) => {
            const picojoules = row.computePicojoules?.[side];
            return picojoules === undefined ? null : (picojoules / 1e6).toPrecision(4);
          }),
        ]),
      ),
    ],
  };
}

function disagreementsSection(
  { paired, labels, pictures, comparison }: ReportedComparison,
  letters: readonly string[],
): ReportSection {
  const all = disagreements(paired);
  const listed = all.slice(0, MOST_LISTED);
  const name = (index: number | null) => (index === null || index < 0 ? null : (labels[index] ?? `class ${index}`));
  const shown = all.filter(({ path }) => pictures.has(path));
  return {
    title: `Photos on which they disagree: ${all.length} of ${comparison.images}`,
    body: [
      photoList(
        shown.map(({ path, classes }) => ({
          name: path,
          picture: pictures.get(path) ?? null,
          lines: classes.map((own, side) => `${letters[side]}: ${name(own) ?? '–'}`),
        })),
      ),
      table(
        'First answers.',
        columnsOf(['Photo', 'Label', ...letters], []),
        listed.map(({ path, label, classes }): HtmlPart[] => [path, name(label), ...classes.map(name)]),
      ),
      listed.length < all.length
        ? html`<p class="small">
            The other ${all.length - listed.length} are in the JSON of <code>fovea runs compare</code>.
          </p> `
        : null,
    ],
  };
}

function setUpSection(
  { sides, comparison: { settings } }: ReportedComparison,
  letters: readonly string[],
): ReportSection {
  const words = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? '–'));
  return {
    title: 'What was measured, and how',
    body: [
      facts(
        sides.flatMap(({ run }, index) => [
          [
            `Run ${letters[index]}`,
            `${run.name}, ${run.id}, begun ${run.createdAt.slice(0, 19).replace('T', ' ')} UTC with Fovea ${run.version}`,
          ] as const,
          [
            `Results of ${letters[index]}`,
            run.resultsSha256 === null ? 'the run is not over' : `SHA-256 ${run.resultsSha256}`,
          ] as const,
        ]),
      ),
      table(
        'Settings that differ come first.',
        columnsOf(['Setting', ...letters], []),
        [...settings]
          .sort((a, b) => Number(b.differs) - Number(a.differs))
          .map(({ setting, values }): HtmlPart[] => [setting, ...values.map(words)]),
      ),
    ],
  };
}
