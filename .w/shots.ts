import { spawn } from 'node:child_process';
import { chromium, type Page } from '/work/wt-compare/node_modules/playwright-core/index.mjs';
import { CHROMIUM_FLAGS, chromiumPath } from '/work/wt-compare/test/chromium.ts';
export const W = '/work/wt-compare/node_modules/.cache/w';
export async function session(data: string, work: (page: Page, shot: (n: string) => Promise<void>, sizes: (n: string, s?: [number, number][]) => Promise<void>) => Promise<void>, env = process.env) {
  const host = spawn(process.execPath, ['/work/wt-compare/out/main/cli.js', 'serve', '--no-open', '--port', '0'], { env: { ...env, FOVEA_DATA: data }, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((d) => host.once('exit', d));
  const line: string = await new Promise((d) => host.stdout!.once('data', (x) => d(String(x))));
  const browser = await chromium.launch({ executablePath: chromiumPath()!, args: CHROMIUM_FLAGS });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on('pageerror', (e) => console.log('PAGEERROR', e.message));
    page.on('console', (m) => m.type() === 'error' && console.log('CONSOLE', m.text()));
    page.setDefaultTimeout(30000);
    await page.goto(/http:\/\/\S+/.exec(line)![0]);
    await page.getByRole('button', { name: 'pizza.jpg' }).waitFor();
    const shot = async (n: string) => { await page.screenshot({ path: `${W}/shots/${n}.png` }); };
    const sizes = async (n: string, s: [number, number][] = [[900, 600], [1280, 800], [1920, 1080]]) => {
      for (const [w, h] of s) {
        await page.setViewportSize({ width: w, height: h });
        for (const c of ['light', 'dark'] as const) { await page.emulateMedia({ colorScheme: c }); await page.waitForTimeout(300); await shot(`${n}-${w}-${c}`); }
      }
      await page.emulateMedia({ colorScheme: 'light' });
    };
    try { await work(page, shot, sizes); } catch (e) { console.log(String(e)); await shot('failed'); }
  } finally { await browser.close(); host.kill('SIGTERM'); await ended; }
}
