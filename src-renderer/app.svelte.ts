import { quoted } from '../src-shared/shell-word.ts';
import { untrack } from 'svelte';
import { on } from 'svelte/events';
import { COMMANDS, isEnabled, type CommandId } from '../src-shared/commands.ts';
import { NOTHING_REMEMBERED, type AppInfo, type Settings } from '../src-shared/contract/app.ts';
import type { EngineState } from '../src-shared/contract/contract.ts';
import type { FileReference } from '../src-shared/contract/files.ts';
import type { Stage } from '../src-shared/work.ts';
import type { SentFiles } from './link/carrier.ts';
import type { Client } from './link/client.ts';
import { Models } from './models.svelte.ts';
import { keepUntold, takeUntold } from './untold-settings.ts';
import { Address } from './address.svelte.ts';
import { conditionsOf, type Actions, type Place } from './place.ts';
import type { PlaceId } from './spot.ts';
import { Jobs } from './shell/jobs.svelte.ts';
import { Messages } from './shell/messages.svelte.ts';
import { Tasks, type LongWork } from './shell/tasks.svelte.ts';

const REMEMBER_AFTER_MS = 500;

/** The window: its places and the one that is shown, and what they share: the host, models, work that goes on, messages. */
export class AppState {
  readonly client: Client;
  /** Where one is. */
  readonly address = new Address();
  readonly messages = new Messages();
  readonly models: Models;
  readonly jobs: Jobs;
  readonly #tasks = new Tasks(this.messages);
  info = $state.raw<AppInfo | null>(null);
  /** What a command says more to read the store of this window. */
  readonly storeWords: string = $derived(this.info?.db === undefined ? '' : ` --db ${quoted(this.info.db)}`);
  /** Null until the machine side tells: it tells of changes alone. */
  engine = $state.raw<EngineState | null>(null);
  connected = $state(true);
  /** The address is of an earlier start: nothing will connect. */
  refused = $state(false);
  /** Whether the window's dialogs are open. */
  sheetOpen = $state(false);
  opening = $state(false);
  choosingMaps = $state(false);
  /** Set once. */
  places = $state.raw<readonly Place[]>([]);
  #remembered = $state.raw<Settings | null>(null);
  /** What is still to be remembered, and is told the machine side in a moment. */
  #untold: Settings | null = null;

  /** The place of the address; the first where it names none that is there. */
  readonly place: Place | undefined = $derived(
    this.places.find(({ id }) => id === this.address.spot?.place) ?? this.places[0],
  );

  /** Work that goes on: this page's own, and the runs of the machine. */
  readonly tasks = $derived.by(() => [...this.#tasks.list, ...this.jobs.tasks]);

  readonly #conditions = $derived(conditionsOf(this.place, this.address.returns));

  readonly #actions: Actions = $derived({
    'files.open': () => void this.choose('images'),
    'files.open-folder': () => void this.choose('folder'),
    'go.back': () => this.address.back(),
    'copy.command': () => void this.#copyCommand(),
    'help.shortcuts': () => (this.sheetOpen = true),
    // With one place there is nowhere to go.
    ...(this.places.length > 1 &&
      Object.fromEntries(this.places.map(({ id }) => [`place.${id}`, () => this.show(id)]))),
    ...this.place?.actions,
  });

  constructor(client: Client) {
    this.client = client;
    this.models = new Models(client, this.messages);
    this.jobs = new Jobs(client, this.messages);
    client.on('engine.state', (next) => {
      // An engine that starts after a crash is the one the crash promised: until it is ready, that is what is to be told.
      if (next.state !== 'starting' || this.engine?.state !== 'crashed') this.engine = next;
    });
    client.on('command', ({ command }) => this.perform(command));
    client.on('files.opened', ({ files }) => void this.openReferences(files));
    client.onConnection((connected, refused) => {
      this.connected = connected;
      this.refused = refused;
      if (connected) this.messages.over('host-gone');
    });
  }

  /** First fill of the window, from what was remembered. Models are looked for meanwhile, which takes longer. */
  async start(): Promise<void> {
    const [info, told] = await Promise.all([this.client.call('app.info', {}), this.client.call('settings.get', {})]);
    const settings = takeUntold(sessionStorage) ?? told;
    this.info = info;
    void this.models.find(settings.modelId);
    void this.jobs.ask();
    const starting = this.places.map((place) => place.start(settings));
    // What was remembered must be there before anything is remembered over it.
    this.#remembered = settings;
    await Promise.all(starting);
    const { files } = await this.client.call('app.ready', {});
    await this.openReferences(files);
  }

  /** Tells the machine side what is to be remembered and what is possible, for as long as the component that calls it lives. */
  follow(): void {
    this.address.follow();
    $effect(() => {
      const { spot } = this.address;
      const { place } = this;
      if (this.#remembered && place && spot?.place === place.id) untrack(() => place.arrives(spot));
    });
    let told = '';
    $effect(() => {
      const enabled = COMMANDS.map(({ id }) => id).filter((id) => this.canPerform(id));
      if (enabled.join() === told) return;
      told = enabled.join();
      this.client.call('app.commands', { enabled }).catch(ignore);
    });
    $effect(() => {
      const model = this.models.current;
      if (!this.#remembered || !model) return;
      const parts = this.places.map(({ remembered }) => remembered);
      const settings: Settings = Object.assign({}, NOTHING_REMEMBERED, this.#remembered, ...parts, {
        modelId: model.id,
      });
      this.#untold = settings;
      const later = setTimeout(() => this.#tell(), REMEMBER_AFTER_MS);
      return () => clearTimeout(later);
    });
    $effect(() => on(window, 'pagehide', () => this.#leave()));
  }

  #tell(): void {
    const untold = this.#untold;
    this.#untold = null;
    if (untold) this.client.call('settings.set', untold).catch(ignore);
  }

  /** The page is reloaded or closed: what it sends now may not arrive, and is kept for the page after it, too. */
  #leave(): void {
    if (this.#untold) keepUntold(sessionStorage, this.#untold);
    this.#tell();
  }

  /** Goes to a place, to where one was last in it. */
  show(place: PlaceId): void {
    this.address.go(this.address.lastOf(place));
  }

  /** Runs long work with its progress shown. What it throws becomes a message. */
  run<Result>(stage: Stage, work: LongWork<Result>): Promise<Result | null> {
    return this.#tasks.run(stage, work);
  }

  async openReferences(files: readonly FileReference[]): Promise<void> {
    await this.openSent(async () => ({ files, failed: [] }));
  }

  /**
   * Opens files that are dropped or chosen, but for those that the place takes as they lie. They belong to the place that is shown as
   * they are dropped, wherever one has gone by the time that they are sent.
   */
  async openSent(sending: LongWork<SentFiles>): Promise<void> {
    const { place } = this;
    const take = place?.taker?.();
    const sent = await this.run('sending-files', sending);
    if (!sent) return;
    // None were chosen, or a window begins with none: no place misses them.
    const files = sent.files.length === 0 ? [] : (take?.(sent.files) ?? sent.files);
    if (files.length === 0 && sent.failed.length === 0) return;
    const opened = await this.run('opening-files', (options) => this.client.openSent({ ...sent, files }, options));
    if (!opened) return;
    place?.takes(opened, files);
    if (opened.skipped > 0)
      this.messages.record({
        code: 'bad-argument',
        message: `the list is full: ${opened.skipped} images were left out`,
        next: 'Evaluate large folders on the command line: fovea batch FOLDER.',
      });
    await this.models.add(opened.models);
  }

  /** The system's dialog under Electron; elsewhere the page has one of its own. */
  async choose(choice: 'images' | 'folder'): Promise<void> {
    if (this.info?.host === 'browser') {
      this.opening = true;
      return;
    }
    await this.messages.told(async () => this.openReferences(await this.client.call('files.choose', { choice })));
  }

  /** Hands importance maps that are dropped or chosen to what wants them as they are. */
  async openMaps(sending: LongWork<SentFiles>, wish = this.place?.mapWish): Promise<void> {
    const sent = await this.run('sending-files', sending);
    if (!sent) return;
    for (const { error } of sent.failed) this.messages.record(error);
    if (sent.files.length > 0) wish?.takes(sent.files);
  }

  /** The system's dialog for them under Electron; elsewhere the page's own. */
  async chooseMaps(): Promise<void> {
    const wish = this.place?.mapWish;
    if (!wish) return;
    if (this.info?.host === 'browser') {
      this.choosingMaps = true;
      return;
    }
    await this.messages.told(async () => {
      const files = await this.client.call('files.choose', { choice: wish.choice });
      await this.openMaps(async () => ({ files, failed: [] }), wish);
    });
  }

  async #copyCommand(): Promise<void> {
    const line = this.place?.commandLine ?? '';
    try {
      await navigator.clipboard.writeText(line);
      this.messages.done('The command is on the clipboard.');
    } catch {
      this.messages.record({
        code: 'not-allowed',
        message: 'the system did not let this page write to the clipboard',
        next: `Copy it by hand: ${line}`,
      });
    }
  }

  /** Those that exist: the others belong to places that are not there, or not shown. */
  get commands(): readonly (typeof COMMANDS)[number][] {
    return COMMANDS.filter(({ id }) => id in this.#actions);
  }

  canPerform(id: CommandId): boolean {
    const command = this.commands.find((candidate) => candidate.id === id);
    return command !== undefined && this.place !== undefined && isEnabled(command, this.#conditions);
  }

  /** @returns whether the command was possible */
  perform(id: CommandId): boolean {
    if (!this.canPerform(id)) return false;
    this.#actions[id]?.();
    return true;
  }
}

function ignore(): void {
  // The connection is lost; it is shown elsewhere, and the next change is sent again.
}
