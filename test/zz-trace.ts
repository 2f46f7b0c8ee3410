import { mkdtempSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process'; import { once } from 'node:events';
import { chromium } from 'playwright-core';
import { CHROMIUM_FLAGS, chromiumPath } from './chromium.ts';
const out=process.argv[2]!;
const browser = await chromium.launch({ executablePath: chromiumPath()!, args: CHROMIUM_FLAGS });
const host=spawn(process.execPath,[out+'/main/cli.js','serve','--no-open','--port','0'],{env:{...process.env,FOVEA_DATA:mkdtempSync('/tmp/v/sl-')},stdio:['ignore','pipe','inherit']}); const [l]=await once(host.stdout!,'data'); const address=/http:\/\/\S+/.exec(String(l))![0];
const page=await browser.newPage({viewport:{width:1440,height:900}}); await page.goto(address); await page.locator('section[aria-label=Result][aria-busy=false] .answer').waitFor(); await page.getByText('ready',{exact:true}).waitFor(); await page.waitForTimeout(6000);
async function moveAndWait(element: any, {moves,from}: any) {
  const slider = element; const result = document.querySelector('section[aria-label=Result]')!; 
  for (let move = 0; move < moves; move++) { slider.valueAsNumber = from + move / 100; slider.dispatchEvent(new InputEvent('input', { bubbles: true }));
    do await new Promise(requestAnimationFrame); while (result.classList.contains('stale') || result.getAttribute('aria-busy') === 'true'); } }
await page.getByRole('slider',{name:'Low share'}).evaluate(moveAndWait,{moves:15,from:0.05});
const cdp=await page.context().newCDPSession(page); await cdp.send('Profiler.enable'); await cdp.send('Profiler.setSamplingInterval',{interval:200});
await browser.startTracing(page,{categories:['devtools.timeline','toplevel','blink','cc','v8','viz']});
await page.getByRole('slider',{name:'Low share'}).evaluate(moveAndWait,{moves:40,from:0.21});
const buf=await browser.stopTracing(); 
await cdp.send('Profiler.start'); await page.getByRole('slider',{name:'Low share'}).evaluate(moveAndWait,{moves:30,from:0.62}); const {profile}=await cdp.send('Profiler.stop'); writeFileSync('/tmp/v/slide.cpuprofile',JSON.stringify(profile));
await browser.close(); host.kill();
const ev=JSON.parse(buf.toString()).traceEvents as any[];
const names=new Map(ev.filter(e=>e.name==='thread_name').map(e=>[e.pid+':'+e.tid,e.args.name]));
const self=new Map<string,number>(); const byThread=new Map<string,any[]>();
for(const e of ev) if(e.ph==='X'&&e.tdur!==undefined){ const k=e.pid+':'+e.tid; if(!byThread.has(k))byThread.set(k,[]); byThread.get(k)!.push(e);}
for(const [k,list] of byThread){ list.sort((a,b)=>a.ts-b.ts||b.dur-a.dur); const stack:any[]=[]; for(const e of list){ while(stack.length&&stack.at(-1).ts+stack.at(-1).dur<=e.ts)stack.pop(); e.self=e.tdur; if(stack.length)stack.at(-1).self-=e.tdur; stack.push(e);} for(const e of list){const n=(names.get(k)??k)+' | '+e.name; self.set(n,(self.get(n)??0)+e.self/1000/40);} }
for(const [n,v] of [...self].sort((a,b)=>b[1]-a[1]).slice(0,45)) console.log(v.toFixed(2).padStart(8),n);
