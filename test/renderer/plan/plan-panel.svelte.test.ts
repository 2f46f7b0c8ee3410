import { expect, it } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { History } from '../../../src-renderer/plan/history.svelte.ts';
import { FIRST_PLAN_SETTINGS, sameSettings, withMetric } from '../../../src-renderer/plan/plan-settings.ts';
import PlanPanel from '../../../src-renderer/plan/PlanPanel.svelte';
import '../../../src-renderer/theme.css';
import { MODEL } from '../fake-host.ts';

it.each([800, 1080])('stays where it is in a window of %i pixels, whatever plan it shows', async (height) => {
  await page.viewport(1440, height);
  const plan = new History(FIRST_PLAN_SETTINGS, sameSettings);
  const screen = await render(PlanPanel, { plan, model: MODEL, layer: null });
  const panel = screen.getByRole('region', { name: 'Plan' });
  const places = () => {
    const range = screen.getByRole('radiogroup', { name: 'Range' });
    return [panel.element().getBoundingClientRect().height, range.element().getBoundingClientRect().top];
  };
  const before = places();
  for (const name of ['Gentle', 'Uniform', 'Layer profile', 'Strong']) {
    const preset = screen.getByRole('button', { name: new RegExp(`^${name}`) });
    await preset.click();
    await expect.element(preset).toHaveAttribute('aria-pressed', 'true');
    expect(places(), name).toEqual(before);
  }
  for (const metric of ['random', 'gradient', 'combined']) {
    plan.commit(withMetric(plan.current, metric));
    await expect.element(screen.getByRole('combobox', { name: 'Metric' })).toHaveValue(metric);
    expect(places(), metric).toEqual(before);
  }
  // Of a plan that is the same everywhere, what would tell regions apart cannot be moved.
  await screen.getByRole('button', { name: /^Uniform/ }).click();
  await expect.element(screen.getByRole('slider', { name: 'Low share' })).toBeDisabled();
  await expect.element(screen.getByRole('slider', { name: 'Low bits' })).toBeDisabled();
  // A metric that tells regions apart gives them back.
  await screen.getByRole('combobox', { name: 'Metric' }).selectOptions('combined');
  await expect.element(screen.getByRole('slider', { name: 'Low share' })).toBeEnabled();
  await expect.element(screen.getByRole('slider', { name: 'Low bits' })).toBeEnabled();
});
