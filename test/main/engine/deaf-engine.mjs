// The real engine, but that it comes to no end once it has told of progress: as one in an inference that takes very long.
const send = process.send.bind(process);
process.send = (message, ...more) => {
  if (message.kind !== 'progress') return send(message, ...more);
  return send(message, () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
};
await import('../../../out/main/engine.js');
