import type { ExportedFile } from '../../src-shared/contract/analysis.ts';
import type { REPORTS } from '../../src-shared/contract/reports.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { mapFor, privately } from '../images/image-shelf.ts';
import {
  type MadeReport,
  reportOfAnalysis,
  reportOfComparison,
  reportOfRun,
  type ReportTools,
} from '../work/make-report.ts';
import type { HandlersOf } from './conversation.ts';
import type { HostParts } from './host-parts.ts';
import { storeOf } from './store-of.ts';

export function reportsHandlers({ bench, shelf, images }: HostParts): HandlersOf<typeof REPORTS> {
  const withStore = storeOf(bench);
  const tools: ReportTools = { bench, picture: (path, maxSide) => images.picture(path, maxSide, 'thumbnail') };
  return {
    'reports.run': ({ runId }, work) =>
      withStore(async (store) => fileOf(await reportOfRun(tools, store, runId, work))),
    'reports.comparison': ({ sides }, work) =>
      withStore(async (store) => fileOf(await reportOfComparison(tools, store, sides, work))),
    'reports.analysis': async ({ imageId, modelId, plan }, work) => {
      const image = shelf.find(imageId);
      const order = {
        image: image.path,
        shownPath: image.entry.path ?? image.entry.name,
        model: bench.library.find(modelId),
        plan: resolvePlan(plan),
        maps: mapFor(image, resolvePlan(plan)),
      };
      return fileOf(await privately(image, () => reportOfAnalysis(tools, order, work)));
    },
  };
}

function fileOf({ name, html }: MadeReport): ExportedFile {
  return { name, mime: 'text/html', bytes: new TextEncoder().encode(html) };
}
