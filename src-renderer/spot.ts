import { COMMAND_IDS, type CommandId } from '../src-shared/commands.ts';

/** The places that have a command to go to them, `place.<id>`. */
export type PlaceId = CommandId extends infer Id ? (Id extends `place.${infer Name}` ? Name : never) : never;

/** Where one is, as the address has it: `#evaluate/RUN?sel=changed&sort=margin`. */
export interface Spot {
  readonly place: PlaceId;
  /** Ids of the runs that are looked at; of several, `#compare/RUN,RUN`. */
  readonly runs: readonly string[];
  /** What is chosen among them, by name: `sel` (a selection's text), `sort`, `plan`, `image`, ... What is empty is left out. */
  readonly chosen: Readonly<Record<string, string>>;
}

const PLACE_IDS: readonly string[] = COMMAND_IDS.filter((id) => id.startsWith('place.')).map((id) =>
  id.slice('place.'.length),
);

function isPlaceId(text: string): text is PlaceId {
  return PLACE_IDS.includes(text);
}

/** @returns null for what is no spot */
export function parseSpot(hash: string): Spot | null {
  const [, place = '', runs = '', query = ''] = /^#?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/.exec(hash) ?? [];
  if (!isPlaceId(place)) return null;
  return {
    place,
    runs: runs.split(',').filter(Boolean).map(decoded),
    chosen: Object.fromEntries(new URLSearchParams(query)),
  };
}

export function printSpot({ place, runs, chosen }: Spot): string {
  const path = [place, ...(runs.length > 0 ? [runs.map(encodeURIComponent).join(',')] : [])].join('/');
  const query = new URLSearchParams(Object.entries(chosen).filter(([, value]) => value !== '')).toString();
  return `#${path}${query === '' ? '' : `?${query}`}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
