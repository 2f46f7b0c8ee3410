import { session, W } from './shots.ts';
await session(`${W}/data`, async (page, shot, sizes) => {
  await page.getByRole('link', { name: 'Compare' }).click();
  await page.locator('.pick').first().waitFor();
  const add = (n: string) => page.getByRole('button', { name: `Compare ${n}`, exact: true }).first().click();
  const all = ['gradient 25 % 4/3','combined 25 % 4/3','uniform 4','uniform 5','uniform 6','uniform 7','entropy 25 % 4/3','centre 25 % 4/3','random 25 % 4/3','interest 25 % 4/3, a rather long name that does not fit anywhere'];
  const t = performance.now();
  for (const n of all) await add(n);
  await page.locator('#compare .content h2').first().waitFor();
  console.log('ten after', (performance.now() - t).toFixed(0));
  await page.getByText(/^[+−]\d+ on \d+ %/).waitFor();
  await sizes('ten');
  await page.setViewportSize({ width: 900, height: 600 });
  await page.getByRole('region', { name: 'Image by image' }).scrollIntoViewIfNeeded();
  await shot('ten-900-scatter');
  await page.getByRole('region', { name: 'Images', exact: true }).scrollIntoViewIfNeeded();
  await page.mouse.move(500, 300); await page.mouse.wheel(0, -100); await page.waitForTimeout(300);
  await shot('ten-900-images');
});
