import { mkdtempSync } from 'node:fs';
import { spawn } from 'node:child_process'; import { once } from 'node:events';
import { chromium } from 'playwright-core';
import { CHROMIUM_FLAGS, chromiumPath } from '/work/wt-view/test/chromium.ts';
const outs = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: chromiumPath()!, args: CHROMIUM_FLAGS });
async function open(out:string){ const host=spawn(process.execPath,[out+'/main/cli.js','serve','--no-open','--port','0'],{env:{...process.env,FOVEA_DATA:mkdtempSync('/tmp/v/sl-')},stdio:['ignore','pipe','inherit']}); const [l]=await once(host.stdout!,'data'); const address=/http:\/\/\S+/.exec(String(l))![0];
 const page=await browser.newPage({viewport:{width:1440,height:900}}); await page.goto(address); await page.locator('section[aria-label=Result][aria-busy=false] .answer').waitFor(); await page.getByText('ready',{exact:true}).waitFor(); await page.waitForTimeout(6000);
 const cdp=await page.context().newCDPSession(page); await cdp.send('Performance.enable'); return {host,page,cdp,out}; }
async function moveAndWait(element: any, {moves,from}: any) {
  const slider = element; const result = document.querySelector('section[aria-label=Result]')!; const times: number[] = [];
  for (let move = 0; move < moves; move++) { const start = performance.now(); slider.valueAsNumber = from + move / 100; slider.dispatchEvent(new InputEvent('input', { bubbles: true }));
    do await new Promise(requestAnimationFrame); while (result.classList.contains('stale') || result.getAttribute('aria-busy') === 'true'); times.push(performance.now() - start); }
  return times; }
const pages=[]; for(const o of outs) pages.push(await open(o));
const all=new Map<string,number[]>();
for (let round=0; round<4; round++) for (const {page,cdp,out} of pages) { const m=async()=>Object.fromEntries((await cdp.send('Performance.getMetrics')).metrics.map((x:any)=>[x.name,x.value])) as any; await page.bringToFront(); const a=await m(); const t=await page.getByRole('slider',{name:'Low share'}).evaluate(moveAndWait,{moves:20,from:0.21+round*0.2}); const b=await m(); const s=t.toSorted((x,y)=>x-y); all.set(out,[...(all.get(out)??[]),...t]); const d=(k:string)=>((b[k]-a[k])*1000/20).toFixed(1); console.log(out.slice(-14),'median',s[10].toFixed(0),'min',s[0].toFixed(0),'task',d('TaskDuration'),'thread',d('ThreadTime'),'script',d('ScriptDuration'),'layout',d('LayoutDuration'),'style',d('RecalcStyleDuration'),'layouts',(b.LayoutCount-a.LayoutCount)/20,'proc',d('ProcessTime')); await page.waitForTimeout(1500); }
for (const [o,t] of all){ const s=t.toSorted((x,y)=>x-y); console.log(o,'median all',s[s.length>>1]!.toFixed(1),'q25',s[s.length>>2]!.toFixed(1)); }
await browser.close(); for(const p of pages) p.host.kill();
