import type { RunsComparison } from '../../src-shared/contract/comparison.ts';
import { csvRow, csvText } from '../../src-shared/runs/csv.ts';
import { KEPT, sideLetter } from '../../src-shared/runs/run-comparison.ts';

/** The figures on screen as CSV: one a row, so that any number of runs has the same columns. */
export function comparisonCsv({ sides, comparison, energy, layers }: RunsComparison): string {
  const rows: (string | number | null)[][] = [['figure', 'subject', 'side', 'value', 'low', 'high', 'p']];
  const side = (index: number) => `${sideLetter(index)} ${sides[index]!.run.name}`;
  comparison.accuracies?.forEach((accuracy, index) => {
    rows.push(['top1', 'accuracy', side(index), accuracy.top1, ...accuracy.top1Interval, null]);
    rows.push(['top5', 'accuracy', side(index), accuracy.top5, ...accuracy.top5Interval, null]);
    rows.push(['agreement', 'accuracy', side(index), accuracy.agreement, null, null, null]);
    rows.push(['bits', 'mac-weighted', side(index), accuracy.macWeightedBits, null, null, null]);
  });
  comparison.paired.forEach((paired, index) => {
    for (const kept of KEPT) {
      const { difference, interval, pValue, ...counts } = paired[kept];
      rows.push(['difference', kept, side(index + 1), difference, ...interval, pValue]);
      for (const [name, value] of Object.entries(counts))
        rows.push([name, kept, side(index + 1), value, null, null, null]);
    }
    rows.push(['difference', 'bits', side(index + 1), paired.bitsDifference, ...paired.bitsInterval, null]);
  });
  for (const { accelerator, mode, sides: own, computeDifferences, totalDifferences } of energy) {
    const subject = `${accelerator} ${mode}`;
    own.forEach(({ savedVs8bit, totalSavedVs8bit }, index) => {
      rows.push(['compute saved', subject, side(index), savedVs8bit, null, null, null]);
      rows.push(['whole chip saved', subject, side(index), totalSavedVs8bit, null, null, null]);
    });
    const differences = [
      ['compute saved, difference', computeDifferences],
      ['whole chip saved, difference', totalDifferences],
    ] as const;
    for (const [figure, all] of differences)
      all.forEach(({ difference, interval }, index) =>
        rows.push([figure, subject, side(index + 1), difference, ...(interval ?? [null, null]), null]),
      );
  }
  layers.forEach((own, index) => {
    for (const { name, meanBits, lockstepBits } of own) {
      rows.push(['mean bits', name, side(index), meanBits, null, null, null]);
      rows.push(['lock-step bits', name, side(index), lockstepBits, null, null, null]);
    }
  });
  return rows.map((row) => csvRow(row.map((cell) => (typeof cell === 'string' ? csvText(cell) : cell)))).join('');
}

/** The same as one JSON document. */
export function comparisonJson({ columns: _, ...figures }: RunsComparison): string {
  return `${JSON.stringify(figures, null, 2)}\n`;
}

/** A chart as it is shown, as an SVG that stands alone: text and colours as the page gives them. */
export function standaloneSvg(element: HTMLElement): string {
  const box = element.getBoundingClientRect();
  const parts = [...element.querySelectorAll<HTMLElement | SVGElement>('svg, span, small, h2')].flatMap(partOf(box));
  const style = getComputedStyle(document.body);
  const [width, height] = [Math.ceil(box.width), Math.ceil(box.height)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="100%" height="100%" fill="${getComputedStyle(element).backgroundColor.replace('rgba(0, 0, 0, 0)', style.getPropertyValue('--pane'))}"/>`,
    ...parts,
    '</svg>\n',
  ].join('');
}

const DRAWN = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray'];

function partOf(origin: DOMRect): (element: HTMLElement | SVGElement) => string[] {
  return (element) => {
    const box = element.getBoundingClientRect();
    const [x, y] = [box.left - origin.left, box.top - origin.top];
    if (element instanceof SVGElement) {
      const copy = element.cloneNode(true) as SVGElement;
      const originals = [...element.querySelectorAll('*')];
      [...copy.querySelectorAll('*')].forEach((child, index) => {
        const style = getComputedStyle(originals[index]!);
        for (const name of DRAWN) child.setAttribute(name, style.getPropertyValue(name));
        child.removeAttribute('class');
      });
      for (const [name, value] of Object.entries({ x, y, width: box.width, height: box.height }))
        copy.setAttribute(name, String(value));
      copy.removeAttribute('class');
      return [new XMLSerializer().serializeToString(copy)];
    }
    const text = [...element.childNodes]
      .filter((node) => node.nodeType === Node.TEXT_NODE)
      .map((node) => (node.textContent ?? '').trim())
      .join(' ')
      .trim();
    if (text === '' || box.width === 0) return [];
    const { color, fontSize, fontFamily, fontWeight, fontStyle } = getComputedStyle(element);
    const escaped = (value: string) => value.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
    return [
      `<text x="${x}" y="${y + box.height * 0.75}" fill="${color}" font-size="${fontSize}" font-family="${escaped(fontFamily)}" font-weight="${fontWeight}" font-style="${fontStyle}">${escaped(text)}</text>`,
    ];
  };
}

/** The same as pixels, twice as fine as on screen. */
export async function pngOf(svg: string): Promise<Uint8Array> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = new OffscreenCanvas(2 * image.width, 2 * image.height);
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer());
}
