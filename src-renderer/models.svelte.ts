import { SvelteMap } from 'svelte/reactivity';
import type { ModelDetails, ModelSummary } from '../src-shared/contract/models.ts';
import type { Client } from './link/client.ts';
import { merged } from './merge.ts';
import type { Messages } from './shell/messages.svelte.ts';

/** The models there are, and the one in use. */
export class Models {
  /** Null until it is known which there are. */
  list = $state.raw<readonly ModelSummary[] | null>(null);
  current = $state.raw<ModelDetails | null>(null);
  opening = $state(false);
  /** The one asked for last. */
  #wanted = $state<string | null>(null);
  readonly #revisions = new SvelteMap<string, number>();
  readonly #client: Client;
  readonly #messages: Messages;

  constructor(client: Client, messages: Messages) {
    this.#client = client;
    this.#messages = messages;
    client.on('model.changed', ({ modelId }) => void this.#changed(modelId));
  }

  /** Id of the one that is being opened, else of the one in use: what is named. */
  get named(): string | undefined {
    return (this.opening ? this.#wanted : this.current?.id) ?? undefined;
  }

  /** Finds which there are, and opens the remembered one, else the first. */
  async find(remembered: string | null): Promise<void> {
    await this.#messages.told(async () => {
      this.list = await this.#client.call('models.list', {});
      const first = this.list.find(({ id }) => id === remembered) ?? this.list[0];
      // A model that was dropped in the meantime stays.
      if (first && !this.current && !this.opening) await this.open(first.id);
    });
  }

  async open(modelId: string): Promise<void> {
    this.#wanted = modelId;
    this.opening = true;
    const opened = await this.#messages.told(() => this.#client.call('models.open', { modelId }, { slot: 'model' }));
    if (opened) this.current = opened;
    if (this.#wanted === modelId) this.opening = false;
  }

  /** Models that came with dropped files join the list; the last of them is opened. */
  async add(added: readonly ModelSummary[]): Promise<void> {
    this.list = merged(this.list ?? [], added, ({ id }) => id);
    const last = added.at(-1);
    if (last) await this.open(last.id);
  }

  /** A model is no more there: another is taken into use. */
  async without(modelId: string): Promise<void> {
    this.list = (this.list ?? []).filter(({ id }) => id !== modelId);
    if (this.current?.id !== modelId) return;
    this.current = null;
    const [first] = this.list;
    if (first) await this.open(first.id);
  }

  /** How often a model's card or calibration has changed since the page was loaded: what was known before is no more true. */
  revisionOf(modelId: string): number {
    return this.#revisions.get(modelId) ?? 0;
  }

  async #changed(modelId: string): Promise<void> {
    const again = [this.find(null), ...(modelId === this.#wanted ? [this.open(modelId)] : [])];
    await Promise.all(again);
    this.#revisions.set(modelId, this.revisionOf(modelId) + 1);
  }
}
