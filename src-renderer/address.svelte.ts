import { parseSpot, printSpot, type PlaceId, type Spot } from './spot.ts';

/**
 * The address of the window: the one place that says where one is. Back and Forward work by the browser's own history, and a reload
 * returns to the same spot.
 */
export class Address {
  #spot = $state.raw<Spot | null>(parseSpot(location.hash));
  /** Whether the spot was entered from another that Esc comes back to. */
  #returns = $state(returnsFromHere());
  /** Where one was last in each place. */
  readonly #last: Partial<Record<PlaceId, Spot>> = {};

  constructor() {
    this.#remember();
  }

  /** Null where the address says nothing. */
  get spot(): Spot | null {
    return this.#spot;
  }

  get returns(): boolean {
    return this.#returns;
  }

  /** The spot of a place that was seen last: what a link to the place leads to. */
  lastOf(place: PlaceId): Spot {
    return this.#last[place] ?? { place, runs: [], chosen: {} };
  }

  /** Goes to a spot; Back returns. With `returns` Esc does, too. */
  go(spot: Spot, { returns = false } = {}): void {
    if (this.#spot && printSpot(spot) === printSpot(this.#spot)) return;
    history.pushState({ returns }, '', printSpot(spot));
    this.#read();
  }

  /** Says more exactly where one is, without a step of its own in the history: of the same place, what is not given stays. */
  refine(change: Pick<Spot, 'place'> & Partial<Spot>): void {
    const from = this.#spot?.place === change.place ? this.#spot : this.lastOf(change.place);
    const chosen = { ...from.chosen, ...change.chosen };
    history.replaceState(history.state, '', printSpot({ ...from, ...change, chosen }));
    this.#read();
  }

  back(): void {
    history.back();
  }

  /** Follows Back, Forward, links and what the user types, for as long as the component that calls it lives. */
  follow(): void {
    $effect(() => {
      const read = () => this.#read();
      addEventListener('popstate', read);
      addEventListener('hashchange', read);
      return () => {
        removeEventListener('popstate', read);
        removeEventListener('hashchange', read);
      };
    });
  }

  #read(): void {
    const spot = parseSpot(location.hash);
    this.#returns = returnsFromHere();
    if ((spot && printSpot(spot)) === (this.#spot && printSpot(this.#spot))) return;
    this.#spot = spot;
    this.#remember();
  }

  #remember(): void {
    if (this.#spot) this.#last[this.#spot.place] = this.#spot;
  }
}

function returnsFromHere(): boolean {
  const state: unknown = history.state;
  return typeof state === 'object' && state !== null && 'returns' in state && state.returns === true;
}
