/** A piece of HTML that is safe to put into another: text in it has been escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type HtmlPart = Html | string | number | null | readonly HtmlPart[];

/** Text becomes text, whatever signs are in it; pieces and lists of pieces go in as they are; null is nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return new Html(strings.map((text, index) => text + (index < parts.length ? textOf(parts[index]!) : '')).join(''));
}

function textOf(part: HtmlPart): string {
  if (part === null) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return part.map(textOf).join('');
}

const NAMES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** A text as it stands in HTML, SVG and their attributes. Signs that they know no text for are replaced as browsers would. */
export function escaped(text: string): string {
  const known = text.replace(UNKNOWN, '\uFFFD');
  return known.replace(/[&<>"']/g, (sign) => NAMES[sign]!);
}

/** Controls but tab and line feed, lone surrogates, and codes that stand for no sign. */
const UNKNOWN = /(?![\t\n])\p{Cc}|\p{Cs}|[\uFFFE\uFFFF]/gu;
