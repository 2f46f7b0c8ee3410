import { html, type Html, type HtmlPart } from './html.ts';

/** A report as one HTML file that needs nothing else: neither Fovea, nor a network, nor a script. */
export interface ReportPage {
  readonly title: string;
  /** What it is of: `An evaluation`, `A comparison`, `An image`. */
  readonly kind: string;
  /** The whole of it in one sentence. */
  readonly sentence: string;
  /** What the sentence does not say and must not be missed. */
  readonly remarks: readonly string[];
  readonly figure: Html;
  readonly table: Html;
  /** What gives these figures again on the command line. */
  readonly command: string;
  readonly sections: readonly ReportSection[];
  /** That measured. */
  readonly version: string;
}

export interface ReportSection {
  readonly title: string;
  readonly body: HtmlPart;
}

/** What every figure rests on; null where it has none. */
export interface Basis {
  /** `250 photos`. */
  readonly n: string;
  /** `95 %, Wilson`; `none: one image`. */
  readonly interval: string;
  /** `uniform 8 bits on the same machine`. */
  readonly baseline: string;
  readonly machine: string;
  readonly mode: string;
}

/** A figure with its caption; what it rests on stands beneath it. */
export function figure(drawing: Html, caption: string, basis: Basis): Html {
  return html`<figure>
    ${drawing}
    <figcaption>${caption} ${basisText(basis)}</figcaption>
  </figure> `;
}

export function basisText({ n, interval, baseline, machine, mode }: Basis): string {
  return `n: ${n}. Interval: ${interval}. Baseline: ${baseline}. Machine: ${machine}. Mode: ${mode}.`;
}

export interface Column {
  readonly title: string;
  /** Figures stand to the right. */
  readonly number?: boolean;
  /** A word that is not to be broken. */
  readonly short?: boolean;
}

/** Columns of words, then of figures. */
export function columnsOf(words: readonly string[], figures: readonly string[]): Column[] {
  return [...words.map((title) => ({ title })), ...figures.map((title) => ({ title, number: true }))];
}

/**
 * @param caption what it shows, and on which basis
 * @param marked index of the row that is spoken of
 */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly HtmlPart[])[],
  marked: number | null = null,
): Html {
  const cell = (part: HtmlPart, index: number) => {
    const { number, short } = columns[index] ?? {};
    const name = number ? html` class="number"` : short ? html` class="short"` : null;
    return index === 0 ? html`<th scope="row" ${name}>${part}</th>` : html`<td${name}>${part ?? '–'}</td>`;
  };
  return html`<table>
    <caption>
      ${caption}
    </caption>
    <thead>
      <tr>
        ${columns.map(({ title, number }) => html`<th scope="col" ${number ? html` class="number"` : null}>${title}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map((row, index) => html`<tr${index === marked ? html` class="marked"` : null}>${row.map(cell)}</tr>\n`)}
    </tbody>
  </table> `;
}

/** Names and what they say, one below the other. */
export function facts(pairs: readonly (readonly [name: string, value: HtmlPart])[]): Html {
  return html`<dl>
    ${pairs.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div> `,
    )}
  </dl> `;
}

const idOf = (index: number) => `part-${index + 1}`;

/** The file's text. */
export function reportHtml({
  title,
  kind,
  sentence,
  remarks,
  figure: drawing,
  table: rows,
  command,
  sections,
  version,
}: ReportPage): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="generator" content="Fovea ${version}" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        />
        <title>${title} – Fovea</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <main>
          <section class="first" aria-labelledby="title">
            <p class="kind">${kind}, measured with Fovea ${version}</p>
            <h1 id="title">${title}</h1>
            <p class="sentence">${sentence}</p>
            ${remarks.map((remark) => html`<p class="remark">${remark}</p> `)}${drawing}${rows}
            <h2>The same again</h2>
            <pre><code>${command}</code></pre>
          </section>
          <nav aria-label="Parts">
            <ol>
              ${sections.map((section, index) => html`<li><a href="#${idOf(index)}">${section.title}</a></li> `)}
            </ol>
          </nav>
          ${sections.map(
            (section, index) =>
              html`<section aria-labelledby="${idOf(index)}">
                <h2 id="${idOf(index)}">${section.title}</h2>
                ${section.body}
              </section> `,
          )}
        </main>
      </body>
    </html> `.text;
}

/** Paper: dark on white wherever it is read, and cut into pages where nothing is torn. */
const STYLE = html`
  :root { color-scheme: light; --line: #d5d9de; --dim: #555e69; --bar: #0b66c3; --bar2: #7fb2e5; --text: #1b1f24;
  --mark: #8b939d; --track: #e9ecf0 } * { box-sizing: border-box } body { margin: 0; background: #fff; color:
  var(--text); font: 15px/1.5 system-ui, sans-serif } main { max-width: 50rem; margin: 0 auto; padding: 2rem 1.25rem
  4rem } h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.2; overflow-wrap: anywhere } h2 { margin: 2.25rem 0
  .5rem; font-size: 1.125rem; break-after: avoid } h3 { margin: 1.25rem 0 .25rem; font-size: 1rem; break-after: avoid }
  .first h2 { margin: 1rem 0 .25rem; font-size: .8125rem } .kind, figcaption, caption, .small { color: var(--dim);
  font-size: .8125rem } .kind { margin: 0 } .sentence { margin: 0 0 .5rem; font-size: 1.125rem; line-height: 1.4 }
  .remark { margin: .25rem 0 } figure { margin: 1rem 0; break-inside: avoid } figure svg { display: block; width: 100%;
  height: auto; max-height: 22cm } figcaption { margin-top: .375rem } svg text { font-family: system-ui, sans-serif }
  table { width: 100%; margin: 1rem 0; border-collapse: collapse; font-size: .8125rem } caption { padding-bottom:
  .25rem; text-align: left; break-after: avoid } th, td { padding: .1875rem .5rem .1875rem 0; border-bottom: 1px solid
  var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere; font-weight: 400 } thead th { color:
  var(--dim); overflow-wrap: normal } tr { break-inside: avoid } .marked > * { font-weight: 600 } .number { text-align:
  right; font-variant-numeric: tabular-nums } .number, .short { white-space: nowrap } thead .number { white-space:
  normal; overflow-wrap: normal } pre { margin: 0; padding: .5rem .625rem; border: 1px solid var(--line); font:
  .75rem/1.5 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere } dl { margin: .5rem 0; font-size:
  .875rem } dl div { display: grid; grid-template-columns: 11rem minmax(0, 1fr); gap: .75rem; padding: .125rem 0;
  break-inside: avoid } dt { color: var(--dim) } dd { margin: 0; overflow-wrap: anywhere } nav ol { margin: 1.5rem 0 0;
  padding-left: 1.5rem; columns: 2; font-size: .875rem } a { color: #0b5fb8 } ul.photos { display: grid;
  grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); gap: .75rem; margin: .75rem 0; padding: 0; list-style:
  none } .photos li { break-inside: avoid; font-size: .75rem; line-height: 1.35; overflow-wrap: anywhere } .photos img {
  display: block; width: 100%; height: 6rem; object-fit: cover; background: var(--track) } @media screen and (max-width:
  45rem) { .number { white-space: normal; overflow-wrap: normal } } @media screen and (max-width: 36rem) { main {
  padding-inline: .75rem } th, td { padding-right: .25rem } } @page { size: A4; margin: 16mm 15mm } @media print { body
  { font-size: 10.5pt } main { max-width: none; padding: 0 } .first { break-after: page } figure svg { max-height: 21cm
  } .first figure svg { max-height: 6.5cm } .first .sentence { font-size: 12.5pt } .first figure, .first table { margin:
  .5rem 0 } table, figcaption, caption, .kind, .small { font-size: 8.5pt } a { color: inherit; text-decoration: none } }
`;
