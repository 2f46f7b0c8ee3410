// With `NODE_OPTIONS=--import`: a process that cannot start another, nor load what decodes or infers.
import childProcess from 'node:child_process';
import { registerHooks, syncBuiltinESMExports } from 'node:module';

for (const name of ['fork', 'spawn', 'exec', 'execFile', 'spawnSync', 'execSync', 'execFileSync'])
  childProcess[name] = () => {
    throw new Error('a process was started');
  };
syncBuiltinESMExports();

registerHooks({
  resolve(specifier, context, next) {
    if (/^(sharp|@img\/|onnxruntime-node)/.test(specifier)) throw new Error(`${specifier} was loaded`);
    return next(specifier, context);
  },
});
