import { CONDITIONS, type CommandId, type Condition } from '../src-shared/commands.ts';
import type { Settings } from '../src-shared/contract/app.ts';
import type { OpenedFiles } from '../src-shared/contract/files.ts';

export type Actions = Readonly<Partial<Record<CommandId, () => void>>>;

/** The places that have a command to go to them, `place.<id>`. */
export type PlaceId = CommandId extends infer Id ? (Id extends `place.${infer Name}` ? Name : never) : never;

/** All that the window knows of a place: header, status bar, menus, drops and settings read it of the one that is shown. */
export interface Place {
  readonly id: PlaceId;
  readonly label: string;
  /** What commands do here, beside those of the window. */
  readonly actions: Actions;
  readonly conditions: ReadonlySet<Condition>;
  /** What it is at, in a word for the status bar; null when it rests. */
  readonly busy: string | null;
  /** Short figures for the status bar. */
  readonly facts: readonly string[];
  /** The line that gives on the command line what is on screen; empty when there is none. */
  readonly commandLine: string;
  /** Takes in what was opened while it was shown; models are opened by the window. */
  takes(opened: OpenedFiles): void;
  /** Its part of what is remembered for the next start. */
  readonly remembered: Partial<Settings>;
  /** First fill, from what was remembered: at once; what it loads comes later. */
  start(remembered: Settings): Promise<void>;
}

export function conditionsThatHold(holds: Readonly<Partial<Record<Condition, boolean>>>): ReadonlySet<Condition> {
  return new Set(CONDITIONS.filter((condition) => holds[condition]));
}
