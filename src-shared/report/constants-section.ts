import { acceleratorLabel } from '../energy/accelerators/accelerator.ts';
import { type Accelerator, FLAG_MEANINGS } from '../energy/accelerators/parameters.ts';
import { ENERGY_MODES, MODE_MEANINGS, MODE_NAMES } from '../energy/energy-mode.ts';
import { html, type Html } from './html.ts';
import { facts, type ReportSection, table } from './report-page.ts';

/** What the words of a report mean, for whoever has no Fovea. */
export function wordsSection(): ReportSection {
  return {
    title: 'What the words mean',
    body: facts([
      ['Bits', 'of an activation, by the importance of its region; 0 bits crop the region, all its values are zero.'],
      ...ENERGY_MODES.map((mode) => [`Mode ${MODE_NAMES[mode]}`, `${MODE_MEANINGS[mode]}.`] as const),
      [
        'Compute energy',
        'what multiplies and adds; the whole chip also has its memories, its network and what is fetched from outside.',
      ],
      [
        'Saved',
        'of the energy of uniform 8 bits on the same machine, for the same image, unless another baseline is named.',
      ],
      ['Plain network', 'the model as it came, in full precision.'],
      [
        'Top-1, Top-5',
        'share of the photos whose label is the first answer, or among the first five. Without labels the plain network’s first answer takes the place of the label: agreement.',
      ],
      [
        'Wilson',
        'score interval of a proportion (E. B. Wilson, 1927). Newcombe: of a difference of paired proportions (R. G. Newcombe, 1998, method 10). McNemar: exact test of paired answers.',
      ],
      ...Object.entries(FLAG_MEANINGS).map(([flag, words]) => [`Source: ${flag}`, words] as const),
    ]),
  };
}

/** Every constant that prices rest on, with unit and source. */
export function constantsSection(accelerators: readonly Accelerator[]): ReportSection {
  return {
    title: 'Constants and their sources',
    body: accelerators.map((accelerator) => {
      const parameters = Object.entries(accelerator.parameters).map(([name, parameter]) => [
        broken(name),
        String(parameter.value),
        'range' in parameter && parameter.range ? parameter.range.join(' to ') : null,
        'unit' in parameter && parameter.unit !== '1' ? parameter.unit : null,
        `${parameter.source} (${parameter.flag})`,
      ]);
      return html`<h3>${acceleratorLabel(accelerator)}</h3>
        <p class="small">${accelerator.citation}. ${accelerator.summary}</p>
        ${table(
          `Constants of ${accelerator.name}.`,
          [
            { title: 'Constant' },
            { title: 'Value', number: true },
            { title: 'Range' },
            { title: 'Unit' },
            { title: 'Source' },
          ],
          parameters,
        )}${
          accelerator.notes.length > 0
            ? html`<ul class="small">
                ${accelerator.notes.map((note) => html`<li>${note.text} (${note.flag}; ${note.source})</li> `)}
              </ul> `
            : null
        }`;
    }),
  };
}

/** A name of several words in one: it may be broken between them. */
function broken(name: string): Html {
  return html`${name.split(/(?=[A-Z])/).map((word, index) => html`${index > 0 ? html`<wbr />` : null}${word}`)}`;
}
