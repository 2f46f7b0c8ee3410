import { type Settings, settingsSchema } from '../src-shared/contract/app.ts';

const KEY = 'fovea-settings';

/** Keeps for the next page of this tab what the machine side has not been told. */
export function keepUntold(storage: Storage, settings: Settings): void {
  storage.setItem(KEY, JSON.stringify(settings));
}

/** What the page before this one could not tell any more; null where it had told all. It is given once. */
export function takeUntold(storage: Storage): Settings | null {
  const text = storage.getItem(KEY);
  storage.removeItem(KEY);
  if (text === null) return null;
  try {
    return settingsSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
