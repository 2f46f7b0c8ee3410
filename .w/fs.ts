import { session, W } from './shots.ts';
await session(`${W}/data2`, async (page, shot, sizes) => {
  await page.getByRole('link', { name: 'Evaluate' }).click();
  await page.waitForTimeout(1000);
  const id = process.argv[2];
  await page.evaluate((h) => (location.hash = h), `#evaluate/${id}`);
  await page.waitForTimeout(2500);
  await shot('fs');
  await page.evaluate((h) => (location.hash = h), `#compare/${id}`);
  await page.waitForTimeout(1500);
  await shot('fs-compare');
});
