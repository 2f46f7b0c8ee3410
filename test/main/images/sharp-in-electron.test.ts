import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const MODULE = resolve(import.meta.dirname, '../../../src-main/images/sharp-in-electron.ts');

/** Loads sharp in a process of its own, after the call, and tells which build came. */
function buildOfSharp(electron: string | undefined, platform: string): { wasm: boolean; pixels: number[] } {
  const script = `
    import { avoidNativeSharp } from ${JSON.stringify(MODULE)};
    const versions = { ...process.versions, ...${JSON.stringify({ electron })} };
    avoidNativeSharp(versions, ${JSON.stringify(platform)});
    avoidNativeSharp(versions, ${JSON.stringify(platform)});
    const { default: sharp } = await import('sharp');
    const picture = sharp({ create: { width: 1, height: 1, channels: 3, background: '#204060' } });
    const pixels = [...(await picture.raw().toBuffer())];
    console.log(JSON.stringify({ wasm: 'emscripten' in sharp.versions, pixels }));
  `;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }));
}

const pixels = [0x20, 0x40, 0x60];

test('inside Electron on Linux the WebAssembly build is loaded, elsewhere the native one', () => {
  expect(buildOfSharp('45.4.1', 'linux')).toEqual({ wasm: true, pixels });
  expect(buildOfSharp(undefined, 'linux')).toEqual({ wasm: false, pixels });
  expect(buildOfSharp('45.4.1', 'darwin')).toEqual({ wasm: false, pixels });
});
