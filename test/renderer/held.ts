/** Lets all that can be answered be answered: a machine side played in memory answers in microtasks. */
export const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** A handler whose answers come when a test gives them, in any order. */
export function held<Input, Result>() {
  const calls: {
    readonly input: Input;
    answer(result: Result): Promise<void>;
    fail(thrown: unknown): Promise<void>;
  }[] = [];
  const handler = (input: Input): Promise<Result> => {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    calls.push({
      input,
      answer: (result) => (resolve(result), settle()),
      fail: (thrown) => (reject(thrown), settle()),
    });
    return promise;
  };
  return { calls, handler };
}
