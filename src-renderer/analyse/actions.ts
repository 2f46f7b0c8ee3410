import type { Analysis } from '../../src-shared/analysis.ts';
import type { ExportKind } from '../../src-shared/contract/analysis.ts';
import type { ImageList } from '../files/image-list.svelte.ts';
import type { Camera } from '../picture/camera.svelte.ts';
import type { Overlay } from '../picture/cell-map.ts';
import type { Actions } from '../place.ts';
import type { History } from '../plan/history.svelte.ts';
import { DEFAULT_PLAN_SETTINGS, type PlanSettings } from '../plan/plan-settings.ts';
import type { ViewOptions } from './view-options.svelte.ts';

/** What the commands of the Analyse place act upon. */
interface Acted {
  readonly images: ImageList;
  readonly plan: History<PlanSettings>;
  readonly view: ViewOptions;
  readonly camera: Camera;
  readonly analysis: Analysis | null;
  savingRun: boolean;
  savingAll: boolean;
  removeImage(): void;
  undo(): void;
  showLayer(layer: string | null): void;
  exportAs(kind: ExportKind): Promise<void>;
  writeReport(): Promise<void>;
  exportFigure(as: 'svg' | 'png'): Promise<void>;
  exportCharts(): void;
}

const PNG_OF_OVERLAY: Readonly<Record<Overlay, ExportKind>> = {
  photo: 'importance-png',
  importance: 'importance-png',
  levels: 'levels-png',
  bits: 'bits-png',
};

export function actionsOf(analyse: Acted): Actions {
  const show = (overlay: Overlay) => () => (analyse.view.overlay = overlay);
  return {
    'images.remove': () => analyse.removeImage(),
    'run.save': () => {
      analyse.savingAll = false;
      analyse.savingRun = true;
    },
    'export.png': () => void analyse.exportAs(PNG_OF_OVERLAY[analyse.view.overlay]),
    'export.figure': () => void analyse.exportFigure('png'),
    'export.figure-svg': () => void analyse.exportFigure('svg'),
    'export.charts': () => analyse.exportCharts(),
    'export.map': () => void analyse.exportAs('map'),
    'export.csv': () => void analyse.exportAs('csv'),
    'export.json': () => void analyse.exportAs('json'),
    'export.report': () => void analyse.writeReport(),
    'plan.undo': () => analyse.undo(),
    'plan.redo': () => analyse.plan.redo(),
    'plan.reset': () => analyse.plan.commit(DEFAULT_PLAN_SETTINGS),
    'overlay.photo': show('photo'),
    'overlay.importance': show('importance'),
    'overlay.levels': show('levels'),
    'overlay.bits': show('bits'),
    'overlay.hide': () => (analyse.view.hidden = true),
    'overlay.compare': () => (analyse.view.comparing = !analyse.view.comparing),
    'zoom.in': () => analyse.camera.zoomIn(),
    'zoom.out': () => analyse.camera.zoomOut(),
    'zoom.fit': () => analyse.camera.fit(),
    'layer.previous': () => moveLayer(analyse, -1),
    'layer.next': () => moveLayer(analyse, 1),
    'image.previous': () => analyse.images.move(-1),
    'image.next': () => analyse.images.move(1),
  };
}

/** Shows the bits of the layer `step` further on; before the first layer stands the plan. */
function moveLayer(analyse: Acted, step: number): void {
  const names = [null, ...(analyse.analysis?.layers.map(({ name }) => name) ?? [])];
  const index = names.indexOf(analyse.view.layer) + step;
  analyse.showLayer(names[Math.min(names.length - 1, Math.max(0, index))] ?? null);
}
