import type { ExportedFile } from '../../src-shared/contract/analysis.ts';
import { escaped } from '../../src-shared/report/html.ts';

/**
 * A panel as it is shown, as an SVG that stands alone: boxes, lines of text, charts and pictures where the page has them, in the
 * colours of its theme. What a panel scrolls is drawn whole, or `cut` where the panel ends: of a long list only some is there to draw.
 */
export function panelSvg(panel: HTMLElement, { cut = false } = {}): string {
  const box = panel.getBoundingClientRect();
  const width = Math.ceil(Math.max(box.width, panel.scrollWidth));
  const parts = [...panel.children].flatMap((child) => partsOf(child, { left: box.left, top: box.top, cut }));
  const height = Math.ceil(cut ? box.height : Math.max(box.height, ...parts.map(({ bottom }) => bottom + MARGIN)));
  const ground = getComputedStyle(document.documentElement).getPropertyValue('--pane');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="100%" height="100%" fill="${ground}"/>`,
    ...parts.map(({ svg }) => svg),
    '</svg>\n',
  ].join('');
}

/** A picture as a file of that kind; pixels are twice as fine as on screen. */
export async function pictureAs(format: 'svg' | 'png', svg: string): Promise<Omit<ExportedFile, 'name'>> {
  if (format === 'svg') return { mime: 'image/svg+xml', bytes: new TextEncoder().encode(svg) };
  return { mime: 'image/png', bytes: await pngOf(svg) };
}

async function pngOf(svg: string): Promise<Uint8Array> {
  const image = new Image();
  // The page's policy lets pictures come from blobs, and not from data addresses.
  image.src = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    await image.decode();
    const canvas = new OffscreenCanvas(2 * image.width, 2 * image.height);
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer());
  } finally {
    URL.revokeObjectURL(image.src);
  }
}

const MARGIN = 8;
const DRAWN = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'vector-effect',
  'opacity',
  'font-size',
  'font-family',
  'font-weight',
  'text-anchor',
  'paint-order',
];

interface Part {
  readonly svg: string;
  /** Its lower edge, from the panel's upper one. */
  readonly bottom: number;
}

/** The panel's upper left corner; and whether what is scrolled out of sight is left out. */
interface Origin {
  readonly left: number;
  readonly top: number;
  readonly cut: boolean;
}

function partsOf(element: Element, origin: Origin): Part[] {
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  if (style.display === 'none' || style.visibility === 'hidden' || box.width < 2 || box.height < 1) return [];
  if (element instanceof SVGSVGElement) return [{ svg: chart(element, box, origin), bottom: box.bottom - origin.top }];
  if (element instanceof HTMLImageElement)
    return [{ svg: picture(canvasOf(element), element, origin), bottom: box.bottom - origin.top }];
  if (element instanceof HTMLCanvasElement)
    return [{ svg: picture(element, element, origin), bottom: box.bottom - origin.top }];
  // What one presses is no part of what is said.
  if (element instanceof HTMLSelectElement || element.matches('.tools, [role=radiogroup]')) return [];
  if (element instanceof HTMLInputElement)
    return [{ svg: frameOf(box, style, origin) + typed(element, box, style, origin), bottom: box.bottom - origin.top }];
  const inside = [...element.childNodes].flatMap((node): Part[] => {
    if (node instanceof Element) return partsOf(node, origin);
    return node instanceof Text ? linesOf(node, element, style, origin) : [];
  });
  const frame = frameOf(box, style, origin);
  if (origin.cut && element.scrollHeight > element.clientHeight && style.overflowY !== 'visible') {
    const [x, y, width, height] = [box.left - origin.left, box.top - origin.top, box.width, box.height].map(round);
    const seen = `<svg x="${x}" y="${y}" width="${width}" height="${height}" viewBox="${x} ${y} ${width} ${height}">`;
    return [{ svg: `${frame}${seen}${inside.map(({ svg }) => svg).join('')}</svg>`, bottom: box.bottom - origin.top }];
  }
  return [...(frame === '' ? [] : [{ svg: frame, bottom: box.bottom - origin.top }]), ...inside];
}

function place(box: { readonly left: number; readonly top: number }, origin: Origin): string {
  return `x="${round(box.left - origin.left)}" y="${round(box.top - origin.top)}"`;
}

/** An element's ground and borders. */
function frameOf(box: DOMRect, style: CSSStyleDeclaration, origin: Origin): string {
  const [x, y] = [box.left - origin.left, box.top - origin.top];
  const ground = /rgba\(.*, 0\)|transparent/.test(style.backgroundColor)
    ? ''
    : `<rect ${place(box, origin)} width="${round(box.width)}" height="${round(box.height)}" fill="${style.backgroundColor}" rx="${Number.parseFloat(style.borderTopLeftRadius) || 0}"/>`;
  const edges = [
    ['Top', x, y, x + box.width, y],
    ['Right', x + box.width, y, x + box.width, y + box.height],
    ['Bottom', x, y + box.height, x + box.width, y + box.height],
    ['Left', x, y, x, y + box.height],
  ] as const;
  const lines = edges.flatMap(([side, ...ends]) => {
    const width = Number.parseFloat(style[`border${side}Width`]);
    const [x1, y1, x2, y2] = ends.map(round);
    const colour = style[`border${side}Color`];
    if (width === 0 || /rgba\(.*, 0\)/.test(colour)) return [];
    return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${colour}" stroke-width="${width}"/>`;
  });
  // A circle has no straight edges.
  if (style.borderTopLeftRadius === '50%') {
    const [rx, ry] = [round(box.width / 2), round(box.height / 2)];
    return `<ellipse cx="${round(x + box.width / 2)}" cy="${round(y + box.height / 2)}" rx="${rx}" ry="${ry}" fill="${style.backgroundColor}" stroke="${style.borderTopColor}" stroke-width="${Number.parseFloat(style.borderTopWidth)}"/>`;
  }
  return ground + lines.join('');
}

function chart(element: SVGSVGElement, box: DOMRect, origin: Origin): string {
  const copy = element.cloneNode(true) as SVGSVGElement;
  const copies = [...copy.querySelectorAll('*')];
  [...element.querySelectorAll('*')].forEach((original, index) => {
    const style = getComputedStyle(original);
    for (const name of DRAWN) copies[index]!.setAttribute(name, style.getPropertyValue(name));
    copies[index]!.removeAttribute('class');
  });
  for (const name of ['class', 'role', 'aria-label', 'aria-hidden']) copy.removeAttribute(name);
  for (const part of copies)
    for (const name of ['role', 'tabindex', 'aria-pressed', 'aria-label']) part.removeAttribute(name);
  copy.setAttribute('x', String(round(box.left - origin.left)));
  copy.setAttribute('y', String(round(box.top - origin.top)));
  copy.setAttribute('width', String(round(box.width)));
  copy.setAttribute('height', String(round(box.height)));
  return new XMLSerializer().serializeToString(copy);
}

function canvasOf(image: HTMLImageElement): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  canvas.getContext('2d')?.drawImage(image, 0, 0);
  return canvas;
}

/** A canvas or an image, cut where a box around it cuts it. */
function picture(canvas: HTMLCanvasElement, element: Element, origin: Origin): string {
  const box = element.getBoundingClientRect();
  const { opacity, imageRendering, objectFit } = getComputedStyle(element);
  const ratio = objectFit === 'cover' ? 'xMidYMid slice' : 'none';
  if (canvas.width === 0 || Number(opacity) === 0) return '';
  const cut = element.parentElement?.closest('.stage, .box')?.getBoundingClientRect() ?? box;
  const [width, height] = [round(box.width), round(box.height)];
  return (
    `<svg ${place(cut, origin)} width="${round(cut.width)}" height="${round(cut.height)}">` +
    `<image x="${round(box.left - cut.left)}" y="${round(box.top - cut.top)}" width="${width}" height="${height}" opacity="${opacity}"` +
    ` preserveAspectRatio="${ratio}" style="image-rendering:${imageRendering}" href="${canvas.toDataURL()}"/></svg>`
  );
}

/** The lines that a text is broken into; what is cut with an ellipsis is cut here as well. */
function linesOf(text: Text, parent: Element, style: CSSStyleDeclaration, origin: Origin): Part[] {
  const range = document.createRange();
  const lines: { words: string; left: number; top: number; right: number; bottom: number }[] = [];
  for (const { 0: word, index } of (text.textContent ?? '').matchAll(/\S+/g)) {
    range.setStart(text, index);
    range.setEnd(text, index + word.length);
    const box = range.getBoundingClientRect();
    if (box.width === 0) continue;
    const last = lines.at(-1);
    if (last && Math.abs(last.top - box.top) < 2) {
      last.words += ` ${word}`;
      last.right = box.right;
    } else lines.push({ words: word, left: box.left, top: box.top, right: box.right, bottom: box.bottom });
  }
  const { right } = (parent.closest('.cut, td, th') ?? parent).getBoundingClientRect();
  return lines.flatMap(({ words, left, top, right: end, bottom }) => {
    if (left >= right) return [];
    const kept =
      end <= right + 1 ? words : `${words.slice(0, Math.floor((words.length * (right - left)) / (end - left)) - 1)}…`;
    return [{ svg: letters(kept, left, (top + bottom) / 2, style, origin), bottom: bottom - origin.top }];
  });
}

/** What stands in a field. */
function typed({ value }: HTMLInputElement, box: DOMRect, style: CSSStyleDeclaration, origin: Origin): string {
  const left = box.left + Number.parseFloat(style.borderLeftWidth) + Number.parseFloat(style.paddingLeft);
  return letters(value, left, (box.top + box.bottom) / 2, style, origin);
}

function letters(text: string, left: number, middle: number, style: CSSStyleDeclaration, origin: Origin): string {
  const { color, fontSize, fontFamily, fontWeight, fontStyle } = style;
  // The letters stand on a line a fifth of the type's size above its lower edge.
  const y = round(middle - origin.top + 0.35 * Number.parseFloat(fontSize));
  return `<text x="${round(left - origin.left)}" y="${y}" fill="${color}" font-size="${fontSize}" font-family="${escaped(fontFamily)}" font-weight="${fontWeight}" font-style="${fontStyle}">${escaped(text)}</text>`;
}

function round(pixels: number): number {
  return Math.round(pixels * 100) / 100;
}
