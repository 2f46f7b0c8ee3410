// An engine that does what the path of the model it is asked to open says; for the tests of its keeper.
const cancelled = new Map();
let last = Promise.resolve();

process.on('disconnect', () => process.exit());
process.on('message', (message) => {
  if (message.kind === 'cancel') cancelled.get(message.id)?.();
  else {
    const end = new Promise((resolve) => cancelled.set(message.id, resolve));
    last = last.then(() => perform(message, end));
  }
});

async function perform({ id, input }, end) {
  const [order, value] = input.model.path.split(' ');
  const answer = () => process.send({ kind: 'result', id, result: { path: value ?? order, pid: process.pid } });
  switch (order) {
    case 'die':
      process.kill(process.pid, 'SIGKILL');
      return new Promise(() => undefined);
    case 'open-and-wait':
      process.send({ kind: 'opening', id, opening: true });
      return new Promise(() => undefined);
    case 'over-memory':
      process.stdout.write('fovea: beyond its bound of memory\n');
      return new Promise(() => undefined);
    case 'hang':
      return new Promise(() => undefined);
    case 'block':
      // A long inference: deaf to messages.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      return;
    case 'until-cancelled':
      await end;
      process.send({ kind: 'error', id, error: { code: 'cancelled', message: 'cancelled', next: '' } });
      return;
    case 'steps':
      for (let done = 1; done <= Number(value); done++) {
        process.send({ kind: 'progress', id, progress: { done, total: Number(value) } });
      }
      return answer();
    case 'lose-device':
      process.send({ kind: 'error', id, error: { code: 'device-lost', message: 'WebGPU was lost: reset', next: '' } });
      return;
    case 'fail':
      process.send({ kind: 'error', id, error: { code: 'model-missing', message: 'no such file', next: 'Look.' } });
      return;
    default:
      answer();
  }
}
