import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('a child whose parent is killed while it works ends without a word', async () => {
  for (let attempt = 0; attempt < 2; attempt++) {
    const parent = spawn(process.execPath, [join(import.meta.dirname, 'port-parent-process.ts')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    parent.stderr.on('data', (chunk) => (said += String(chunk)));
    // The child has the same stderr: it closes when both are gone.
    const ended = once(parent.stderr, 'close');
    await once(parent.stdout, 'data');
    parent.kill('SIGKILL');
    await ended;
    expect(said).toBe('');
  }
});
