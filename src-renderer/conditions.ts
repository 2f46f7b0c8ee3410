import { CONDITIONS, type Condition } from '../src-shared/commands.ts';

export const NO_CONDITIONS: ReadonlySet<Condition> = new Set();

export function conditionsThatHold(holds: Readonly<Record<Condition, boolean>>): ReadonlySet<Condition> {
  return new Set(CONDITIONS.filter((condition) => holds[condition]));
}
