import { openRunStore, type RunStore } from '../store/run-store.ts';
import type { Bench } from '../work/bench.ts';

/** Does something with the run store of a bench, which is open until that is done. @throws FoveaError `store-…` */
export function storeOf({ db }: Pick<Bench, 'db'>) {
  return async <Result>(action: (store: RunStore) => Promise<Result> | Result): Promise<Result> => {
    using store = openRunStore(db);
    return await action(store);
  };
}
