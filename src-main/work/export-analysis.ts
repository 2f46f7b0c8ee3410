import { extname, parse } from 'node:path';
import type { Analysis } from '../../src-shared/analysis.ts';
import { type Preprocessing, visibleRectangle } from '../../src-shared/preprocessing.ts';
import { readSmallFile } from '../files/small-file.ts';
import { MAX_MAP_BYTES } from '../images/map-file.ts';
import { mapPng } from '../images/painted-map.ts';
import { analysisCsv } from '../../src-shared/analysis-csv.ts';
import type { ExportedFile, ExportKind } from '../../src-shared/contract/analysis.ts';
import type { Work } from '../../src-shared/work.ts';
import { chosenLayer, overlayOf } from '../images/overlay-files.ts';
import { renderOverlay } from '../images/overlay.ts';
import { analyse, type AnalyseOrder } from './analyse.ts';
import type { Bench } from './bench.ts';

export interface ExportAnalysisOrder extends Omit<AnalyseOrder, 'counts'> {
  /** What the image is called in the file and in the file's name: never where it lies privately. */
  readonly name: string;
  readonly kind: ExportKind;
  /** Of `bits-png`; null: the layer with the most MACs. */
  readonly layer: string | null;
}

const MAP_OF_KIND = { 'importance-png': 'importance', 'levels-png': 'levels', 'bits-png': 'bits' } as const;

/** An analysis as a file: its layers as CSV, all of it as JSON, or a map over the photo. */
export async function exportAnalysis(bench: Bench, order: ExportAnalysisOrder, work: Work): Promise<ExportedFile> {
  const { kind, layer, name, model } = order;
  const measured = await analyse(bench, { ...order, counts: true }, work);
  const stem = parse(name).name;
  const text = (content: string) => new TextEncoder().encode(content);
  const analysis = { ...measured, image: { ...measured.image, path: name } };
  if (kind === 'json')
    return { name: `${stem}.json`, mime: 'application/json', bytes: text(`${JSON.stringify(analysis, null, 2)}\n`) };
  if (kind === 'csv') return { name: `${stem}.csv`, mime: 'text/csv', bytes: text(analysisCsv(analysis)) };
  const { preprocessing } = await bench.opened(model, work);
  if (kind === 'map') return mapOf(measured, stem, preprocessing);
  const map = MAP_OF_KIND[kind];
  const overlay = overlayOf(measured, preprocessing, map, chosenLayer(analysis.layers, layer));
  return { name: `${stem}-${map}.png`, mime: 'image/png', bytes: await renderOverlay(overlay) };
}

/** What metric `given` takes: the very file that the importance came from, else the importance of the cells as a picture. */
async function mapOf(
  { importance, image }: Analysis,
  stem: string,
  preprocessing: Preprocessing,
): Promise<ExportedFile> {
  const { map, values } = importance;
  const ending = map ? extname(map.path) : '.png';
  const [rows, columns] = importance.grid;
  const view = visibleRectangle(image.width, image.height, preprocessing);
  const bytes = map
    ? await readSmallFile(map.path, MAX_MAP_BYTES)
    : await mapPng(values, { rows, columns }, image, view);
  const mime = { '.png': 'image/png', '.csv': 'text/csv' }[ending] ?? 'application/octet-stream';
  return { name: `${stem}.map${ending}`, mime, bytes: new Uint8Array(bytes) };
}
