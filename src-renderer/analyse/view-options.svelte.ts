import { DEFAULT_ENERGY_MODE, type EnergyMode } from '../../src-shared/energy/energy-mode.ts';
import type { PlanSettings } from '../plan/plan-settings.ts';
import type { Overlay } from '../picture/cell-map.ts';

/** How a result is looked at; nothing here changes the result. */
export class ViewOptions {
  overlay = $state<Overlay>('bits');
  /** 0..1 */
  opacity = $state(0.7);
  /** The map is hidden while a key is held. */
  hidden = $state(false);
  /** The plan before left of the divider, the present one right of it. */
  comparing = $state(false);
  /** The plan that is compared with; null: the one before the last change. */
  pinned = $state.raw<PlanSettings | null>(null);
  /** Where the divider stands, 0..1 of the view's width. */
  divider = $state(0.5);
  /** The layer whose bits are shown; null: the plan, as layers without bits of their own follow it. */
  layer = $state<string | null>(null);
  /** Id of the accelerator of the headline and of the energy per layer; null: the first. */
  accelerator = $state<string | null>(null);
  mode = $state<EnergyMode>(DEFAULT_ENERGY_MODE);
}
