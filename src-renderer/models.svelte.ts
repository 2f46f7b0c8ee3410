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
  /** Its card has changed since: another may have been asked for meanwhile, which cannot be opened. */
  #isOutdated = false;
  /** The last request of those that go on. */
  #opening = $state.raw<object | null>(null);
  /** How often one came or went. */
  #changes = 0;
  /** Of the start before. */
  #remembered: string | null = null;
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

  get opening(): boolean {
    return this.#opening !== null;
  }

  /** Id of the one that is being opened, else of the one in use: what is named. */
  get named(): string | undefined {
    return (this.opening ? this.#wanted : this.current?.id) ?? undefined;
  }

  /** Finds which there are, and opens the remembered one, else the first. */
  async find(remembered = this.#remembered): Promise<void> {
    this.#remembered = remembered;
    await this.#messages.told(async () => {
      this.list = await this.#listed();
      const first = this.list.find(({ id }) => id === remembered) ?? this.list[0];
      // A model that was dropped in the meantime stays.
      if (first && !this.current && !this.opening) await this.open(first.id);
    });
  }

  /** Anew where one came or went meanwhile, which the answer may not know of. */
  async #listed(): Promise<readonly ModelSummary[]> {
    const before = this.#changes;
    const list = await this.#client.call('models.list', {}, { slot: 'models' });
    return before === this.#changes ? list : this.#listed();
  }

  async open(modelId: string): Promise<void> {
    const opening = (this.#opening = {});
    this.#wanted = modelId;
    const opened = await this.#messages.told(() => this.#client.call('models.open', { modelId }, { slot: 'model' }));
    if (opened) {
      this.current = opened;
      this.#isOutdated = false;
    }
    if (this.#opening !== opening) return;
    this.#opening = null;
    if (this.#isOutdated && this.current && this.current.id !== modelId) await this.open(this.current.id);
  }

  /** Models that came with dropped files join the list; the last of them is opened. */
  async add(added: readonly ModelSummary[]): Promise<void> {
    this.#changes++;
    this.list = merged(this.list ?? [], added, ({ id }) => id);
    const last = added.at(-1);
    if (last) await this.open(last.id);
  }

  /** A model is no more there: another is taken into use. */
  async without(modelId: string): Promise<void> {
    this.#changes++;
    this.list = (this.list ?? []).filter(({ id }) => id !== modelId);
    if (this.current?.id !== modelId) return;
    this.current = null;
    const [first] = this.list;
    // One that was chosen meanwhile stays so.
    if (first && (!this.opening || this.#wanted === modelId)) await this.open(first.id);
  }

  /** How often a model's card or calibration has changed since the page was loaded: what was known before is no more true. */
  revisionOf(modelId: string): number {
    return this.#revisions.get(modelId) ?? 0;
  }

  async #changed(modelId: string): Promise<void> {
    this.#isOutdated ||= modelId === this.current?.id;
    const isInUse = modelId === this.#wanted || modelId === this.named;
    const again = [this.find(), ...(isInUse ? [this.open(modelId)] : [])];
    await Promise.all(again);
    this.#revisions.set(modelId, this.revisionOf(modelId) + 1);
  }
}
