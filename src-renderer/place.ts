import { CONDITIONS, type CommandId, type Condition } from '../src-shared/commands.ts';
import type { Settings } from '../src-shared/contract/app.ts';
import type { FileReference, OpenedFiles } from '../src-shared/contract/files.ts';
import type { PlaceId, Spot } from './spot.ts';

/** What a place takes importance maps for. */
export interface MapWish {
  /** What they are, for whoever drops or chooses them. */
  readonly label: string;
  /** One file, or a folder of them. */
  readonly choice: 'map' | 'maps';
  takes(files: readonly FileReference[]): void;
}

export type Actions = Readonly<Partial<Record<CommandId, () => void>>>;

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
  /** One has come to a spot of it: by a link, by Back, at the start. Called again whenever the spot changes. */
  arrives(spot: Spot): void;
  /**
   * What takes files that are dropped or chosen now: what they are for is settled at once, though they may take long to be sent. It
   * takes what it wants of them as they lie, and gives back the rest, to be opened.
   */
  taker?(): (files: readonly FileReference[]) => readonly FileReference[];
  /** Where importance maps are taken at the moment; null where none are. */
  readonly mapWish?: MapWish | null;
  /**
   * Takes in what was opened for it; models are opened by the window.
   * @param files what was to be opened
   */
  takes(opened: OpenedFiles, files: readonly FileReference[]): void;
  /** Its part of what is remembered for the next start. */
  readonly remembered: Partial<Settings>;
  /** First fill, from what was remembered: at once; what it loads comes later. */
  start(remembered: Settings): Promise<void>;
}

/** @param returns whether there is a spot to come back to */
export function conditionsOf(place: Place | undefined, returns: boolean): ReadonlySet<Condition> {
  const window = conditionsThatHold({ 'can-return': returns, 'command-line': (place?.commandLine ?? '') !== '' });
  return setOf(CONDITIONS.filter((condition) => window.has(condition) || place?.conditions.has(condition)));
}

export function conditionsThatHold(holds: Readonly<Partial<Record<Condition, boolean>>>): ReadonlySet<Condition> {
  return setOf(CONDITIONS.filter((condition) => holds[condition]));
}

const sets = new Map<string, ReadonlySet<Condition>>();

/** The same for the same conditions: what follows them is told of changes alone, not of every move of a slider. */
function setOf(conditions: readonly Condition[]): ReadonlySet<Condition> {
  const key = conditions.join();
  const known = sets.get(key) ?? new Set(conditions);
  sets.set(key, known);
  return known;
}
