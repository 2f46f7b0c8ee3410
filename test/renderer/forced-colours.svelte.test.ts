import { expect, it, onTestFinished } from 'vitest';
import { cdp } from 'vitest/browser';
import { openSample } from './set-up.ts';

it('tells in the few colours of a system of high contrast what is chosen, and keeps bars filled', async () => {
  const emulate = (value: 'active' | 'none') =>
    cdp().send('Emulation.setEmulatedMedia', { features: [{ name: 'forced-colors', value }] });
  const { screen } = await openSample();
  const bars = () => document.querySelectorAll('section[aria-label=Energy] .bar i:not([style*="width: 0"])');
  await expect.poll(() => bars().length).toBeGreaterThan(0);
  await emulate('active');
  onTestFinished(async () => void (await emulate('none')));
  const style = (element: Element | null) => getComputedStyle(element!);
  const [current, other] = ['Analyse', 'Compare'].map((name) => screen.getByRole('link', { name }).element());
  expect(style(current!).borderBottomColor).not.toBe(style(other!).borderBottomColor);
  const range = screen.getByRole('radiogroup', { name: 'Range' }).element();
  const [chosen, free] = [':checked', ':not(:checked)'].map((is) => range.querySelector(`label:has(${is})`));
  expect([chosen, free].map((label) => style(label!).outlineStyle)).toEqual(['solid', 'none']);
  const ground = style(document.body).backgroundColor;
  expect(bars().length).toBeGreaterThan(0);
  for (const bar of bars()) expect(style(bar).backgroundColor).not.toBe(ground);
});
