import { z } from 'zod';

export const RUN_SORTS = { newest: 'newest', top1: 'accuracy', saved: 'saved', name: 'name' } as const;

/** Which of the saved runs are shown, and in which order. */
const lookSchema = z.object({
  search: z.string(),
  sort: z.enum(['newest', 'top1', 'saved', 'name'] satisfies (keyof typeof RUN_SORTS)[]),
  filter: z.enum(['all', 'starred', 'archived']),
});
export type RunLook = z.infer<typeof lookSchema>;

const KEY = 'fovea-run-look';

/** For the next page of this tab. */
export function keepLook(storage: Storage, look: RunLook): void {
  storage.setItem(KEY, JSON.stringify(look));
}

/** As the page before this one had it. */
export function keptLook(storage: Storage): RunLook {
  try {
    return lookSchema.parse(JSON.parse(storage.getItem(KEY) ?? ''));
  } catch {
    return { search: '', sort: 'newest', filter: 'all' };
  }
}
