import type { ExportedFile } from '../../src-shared/contract/analysis.ts';
import { csvRow, csvText } from '../../src-shared/runs/csv.ts';
import type { PlanRow } from '../../src-shared/outcomes/plan-rows.ts';

type Cell = string | number | null;
export type Table = readonly Readonly<Record<string, Cell>>[];

/** The table of plans, with figures in full. */
export function planTable(rows: readonly PlanRow[]): Table {
  return rows.map(({ plan, name, role, n, accuracy, interval, saved, compute, chip, difference, front }) => ({
    plan: plan === null ? null : plan + 1,
    name,
    role,
    n,
    top1: accuracy,
    top1_low: interval?.[0] ?? null,
    top1_high: interval?.[1] ?? null,
    saved,
    compute_saved: compute,
    chip_saved: chip,
    against_uniform: difference?.mean ?? null,
    against_uniform_low: difference?.interval[0] ?? null,
    against_uniform_high: difference?.interval[1] ?? null,
    front: front ? 1 : 0,
  }));
}

export function tableFile(name: string, table: Table, format: 'csv' | 'json'): ExportedFile {
  const safe = (cell: Cell) => (typeof cell === 'string' ? csvText(cell) : cell);
  const text =
    format === 'json'
      ? `${JSON.stringify(table, null, 2)}\n`
      : [csvRow(Object.keys(table[0] ?? {})), ...table.map((row) => csvRow(Object.values(row).map(safe)))].join('');
  return {
    name: `${name}.${format}`,
    mime: format === 'json' ? 'application/json' : 'text/csv',
    bytes: new TextEncoder().encode(text),
  };
}

const DRAWN = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'opacity', 'font', 'text-anchor', 'paint-order'];

/** A chart as a file of its own, with the colours it has on the page. */
export function svgFile(name: string, svg: SVGSVGElement): ExportedFile {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const [originals, copies] = [svg, copy].map((root) => [root, ...root.querySelectorAll<SVGElement>('*')]);
  originals!.forEach((original, index) => {
    const style = getComputedStyle(original);
    for (const property of DRAWN) copies![index]!.style.setProperty(property, style.getPropertyValue(property));
  });
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.style.background = getComputedStyle(document.documentElement).getPropertyValue('--pane');
  return {
    name: `${name}.svg`,
    mime: 'image/svg+xml',
    bytes: new TextEncoder().encode(new XMLSerializer().serializeToString(copy)),
  };
}

/** The same in pixels, twice as many as on the page of the chart. */
export async function pngFile(name: string, svg: SVGSVGElement): Promise<ExportedFile> {
  const { width, height } = svg.viewBox.baseVal;
  const image = new Image(width * 2, height * 2);
  const text = new TextDecoder()
    .decode(svgFile(name, svg).bytes)
    .replace('<svg', `<svg width="${width}" height="${height}"`);
  // The page may show pictures that it was handed as bytes, none that an address spells out.
  image.src = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }));
  try {
    await image.decode();
  } finally {
    URL.revokeObjectURL(image.src);
  }
  const canvas = new OffscreenCanvas(width * 2, height * 2);
  canvas.getContext('2d')?.drawImage(image, 0, 0, width * 2, height * 2);
  const blob = await canvas.convertToBlob();
  return { name: `${name}.png`, mime: 'image/png', bytes: new Uint8Array(await blob.arrayBuffer()) };
}
