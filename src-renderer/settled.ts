/**
 * Begins work once nothing has changed for so many milliseconds.
 * @returns what gives it up, whether it has begun or not: what an effect gives back
 */
export function onceSettled(milliseconds: number, begin: (signal: AbortSignal) => void): () => void {
  const abort = new AbortController();
  const timer = setTimeout(() => begin(abort.signal), milliseconds);
  return () => {
    clearTimeout(timer);
    abort.abort();
  };
}
