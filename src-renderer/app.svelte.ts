import { COMMANDS, isEnabled, type CommandId, type Condition } from '../src-shared/commands.ts';
import type { AppInfo, Settings } from '../src-shared/contract/app.ts';
import type { EngineState } from '../src-shared/contract/contract.ts';
import type { ModelDetails, ModelSummary } from '../src-shared/contract/models.ts';
import type { WorkFigures } from '../src-shared/work.ts';
import type { Client } from './link/client.ts';
import { NO_CONDITIONS } from './conditions.ts';
import { merged } from './merge.ts';
import { Messages } from './shell/messages.svelte.ts';

export type LongWork<Result> = (options: {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: WorkFigures) => void;
}) => Promise<Result>;

export type Actions = Readonly<Partial<Record<CommandId, () => void>>>;

/** Work that takes long enough to be shown, and can be stopped. */
export interface Task {
  readonly progress: WorkFigures;
  readonly startedAt: number;
  readonly cancel: () => void;
}

/** What every place shares: the host, the model in use, messages, and the one long task that may be under way. */
export class AppState {
  readonly client: Client;
  readonly messages = new Messages();
  info = $state.raw<AppInfo | null>(null);
  /** Null until it is known which there are. */
  models = $state.raw<readonly ModelSummary[] | null>(null);
  model = $state.raw<ModelDetails | null>(null);
  modelOpening = $state(false);
  /** Null until the machine side tells: it tells of changes alone. */
  engine = $state.raw<EngineState | null>(null);
  connected = $state(true);
  task = $state.raw<Task | null>(null);
  sheetOpen = $state(false);
  #actions = $state.raw<Actions>({});
  #conditions: () => ReadonlySet<Condition> = () => NO_CONDITIONS;

  constructor(client: Client) {
    this.client = client;
    client.on('engine.state', (next) => {
      // An engine that starts after a crash is the one the crash promised: until it is ready, that is what is to be told.
      if (next.state !== 'starting' || this.engine?.state !== 'crashed') this.engine = next;
    });
    client.on('command', ({ command }) => this.perform(command));
    client.onConnection((connected) => (this.connected = connected));
    this.bind({ 'help.shortcuts': () => (this.sheetOpen = true) });
  }

  /** Loads what was remembered. Models are looked for meanwhile, which takes longer. */
  async start(): Promise<Settings> {
    const [info, settings] = await Promise.all([
      this.client.call('app.info', {}),
      this.client.call('settings.get', {}),
    ]);
    this.info = info;
    void this.#findModels(settings.modelId);
    return settings;
  }

  async #findModels(remembered: string | null): Promise<void> {
    try {
      this.models = await this.client.call('models.list', {});
      const first = this.models.find(({ id }) => id === remembered) ?? this.models[0];
      // A model that was dropped in the meantime stays.
      if (first && !this.model) await this.openModel(first.id);
    } catch (thrown) {
      this.messages.error(thrown);
    }
  }

  async openModel(modelId: string): Promise<void> {
    this.modelOpening = true;
    try {
      this.model = await this.client.call('models.open', { modelId }, { slot: 'model' });
    } catch (thrown) {
      this.messages.error(thrown);
    } finally {
      this.modelOpening = false;
    }
  }

  /** Models that came with dropped files join the list; the last of them is opened. */
  async addModels(added: readonly ModelSummary[]): Promise<void> {
    this.models = merged(this.models ?? [], added, ({ id }) => id);
    const last = added.at(-1);
    if (last) await this.openModel(last.id);
  }

  /** Runs long work with its progress shown; one at a time. What it throws becomes a message. */
  async run<Result>(stage: string, work: LongWork<Result>): Promise<Result | null> {
    const controller = new AbortController();
    const startedAt = performance.now();
    const show = (progress: WorkFigures) => (this.task = { progress, startedAt, cancel: () => controller.abort() });
    show({ stage, done: 0, total: null });
    try {
      return await work({ signal: controller.signal, onProgress: show });
    } catch (thrown) {
      this.messages.error(thrown);
      return null;
    } finally {
      if (this.task?.startedAt === startedAt) this.task = null;
    }
  }

  /** States what commands do. Commands without an action belong to places that are not there. */
  bind(actions: Actions): void {
    this.#actions = { ...this.#actions, ...actions };
  }

  bindConditions(conditions: () => ReadonlySet<Condition>): void {
    this.#conditions = conditions;
  }

  get commands(): readonly (typeof COMMANDS)[number][] {
    return COMMANDS.filter(({ id }) => id in this.#actions);
  }

  canPerform(id: CommandId): boolean {
    const command = COMMANDS.find((candidate) => candidate.id === id);
    return command !== undefined && id in this.#actions && isEnabled(command, this.#conditions());
  }

  /** @returns whether the command was possible */
  perform(id: CommandId): boolean {
    if (!this.canPerform(id)) return false;
    this.#actions[id]?.();
    return true;
  }
}
