import { registerHooks } from 'node:module';

let avoided = false;

/**
 * Native sharp crashes inside Electron on Linux, utility processes included: Chromium's GLib and its own get in each other's way.
 * There its WebAssembly build is loaded in its place, two to three times slower. Call it before sharp is imported.
 */
export function avoidNativeSharp(
  versions: NodeJS.ProcessVersions = process.versions,
  platform = process.platform,
): void {
  if (avoided || versions.electron === undefined || platform !== 'linux') return;
  avoided = true;
  registerHooks({
    resolve: (specifier, context, next) =>
      next(/^@img\/sharp-linux/.test(specifier) ? '@img/sharp-wasm32/sharp.node' : specifier, context),
  });
}
