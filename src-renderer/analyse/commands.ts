import type { ExportKind } from '../../src-shared/contract/analysis.ts';
import type { AnalyseState } from './analyse.svelte.ts';
import type { Overlay } from '../picture/cell-map.ts';
import { DEFAULT_PLAN_SETTINGS, planOptions } from '../plan/plan-settings.ts';
import { download } from '../files/download.ts';

/** What the commands of the Analyse place do. Zooming is bound by the image view, which alone knows its size. */
export function bindCommands(analyse: AnalyseState): void {
  const { app, images, plan, view } = analyse;
  app.bindConditions(() => analyse.conditions);
  const show = (overlay: Overlay) => () => (view.overlay = overlay);
  app.bind({
    'files.open': () => void analyse.choose('images'),
    'files.open-folder': () => void analyse.choose('folder'),
    'images.remove': () => images.selected && images.remove(images.selected.id),
    'run.save': () => (analyse.savingRun = true),
    'export.png': () => void exportAs(analyse, PNG_OF_OVERLAY[view.overlay]),
    'export.csv': () => void exportAs(analyse, 'csv'),
    'export.json': () => void exportAs(analyse, 'json'),
    'plan.undo': () => plan.undo(),
    'plan.redo': () => plan.redo(),
    'plan.reset': () => plan.commit(DEFAULT_PLAN_SETTINGS),
    'copy.command': () => void copyCommand(analyse),
    'overlay.photo': show('photo'),
    'overlay.importance': show('importance'),
    'overlay.levels': show('levels'),
    'overlay.bits': show('bits'),
    'overlay.hide': () => (view.hidden = true),
    'overlay.compare': () => (view.comparing = !view.comparing),
    'layer.previous': () => moveLayer(analyse, -1),
    'layer.next': () => moveLayer(analyse, 1),
    'image.previous': () => images.move(-1),
    'image.next': () => images.move(1),
  });
}

const PNG_OF_OVERLAY: Readonly<Record<Overlay, ExportKind>> = {
  photo: 'importance-png',
  importance: 'importance-png',
  levels: 'levels-png',
  bits: 'bits-png',
};

async function exportAs({ app, question, view }: AnalyseState, kind: ExportKind): Promise<void> {
  if (!question) return;
  const { imageId, modelId, settings } = question;
  const file = await app.run('exporting', (options) =>
    app.client.call(
      'analysis.export',
      { imageId, modelId, plan: planOptions(settings), kind, ...(view.layer === null ? {} : { layer: view.layer }) },
      options,
    ),
  );
  if (file) download(file);
}

async function copyCommand({ app, commandLine }: AnalyseState): Promise<void> {
  try {
    await navigator.clipboard.writeText(commandLine);
    app.messages.done('The command is on the clipboard.');
  } catch {
    app.messages.record({
      code: 'not-allowed',
      message: 'the system did not let this page write to the clipboard',
      next: `Copy it by hand: ${commandLine}`,
    });
  }
}

/** Shows the bits of the layer `step` further on; before the first layer stands the plan. */
function moveLayer({ analysis, view }: AnalyseState, step: number): void {
  const names = [null, ...(analysis?.layers.map(({ name }) => name) ?? [])];
  const index = names.indexOf(view.layer) + step;
  view.layer = names[Math.min(names.length - 1, Math.max(0, index))] ?? null;
  view.overlay = 'bits';
}
