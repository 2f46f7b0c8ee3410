import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core';
import { afterAll, onTestFinished } from 'vitest';
import { CHROMIUM_FLAGS, chromiumPath } from '../chromium.ts';
import { PROJECT, serve } from './served.ts';

export { PROJECT };
/** Ends what hangs; nothing is expected to take so long, however busy the machine is. */
const LIMIT_MS = 120_000;

/** One for all applications of a test file, whose pages know nothing of each other. */
let browser: Promise<Browser> | undefined;
afterAll(async () => (await browser)?.close());

/** The browser host with a folder of its own for what it keeps, and its pages. */
export class Application {
  readonly folder: string;
  readonly #host: ChildProcess;
  readonly #browser: Browser;
  readonly #address: string;
  readonly #contexts = new Set<BrowserContext>();

  constructor(folder: string, host: ChildProcess, browser: Browser, address: string) {
    this.folder = folder;
    this.#host = host;
    this.#browser = browser;
    this.#address = address;
  }

  /**
   * @param env the host's environment, but for its data folder
   * @param folder of an application before, whose data is gone on with; default: a new one
   */
  static async start(env = process.env, folder = mkdtempSync(join(tmpdir(), 'fovea-e2e-'))): Promise<Application> {
    const executablePath = chromiumPath();
    if (!executablePath) throw new Error('there is no Chromium');
    const { host, address: coming } = serve({ ...env, FOVEA_DATA: join(folder, 'data') });
    browser ??= chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
    const [address, launched] = await Promise.all([coming, browser]);
    return new Application(folder, host, launched, address);
  }

  /**
   * A page of its own, with what went wrong in it gathered in `problems`.
   * @param prepare what is done to it before it is loaded
   * @param atEnd takes what closes it; default: at the end of the test. Whatever is not closed goes with the application
   */
  async open(
    viewport = { width: 1440, height: 900 },
    prepare: (page: Page) => Promise<void> = async () => undefined,
    atEnd: (close: () => Promise<void>) => unknown = (close) => onTestFinished(close),
  ) {
    const context = await this.#browser.newContext({ viewport, acceptDownloads: true });
    this.#contexts.add(context);
    atEnd(() => context.close());
    const page = await context.newPage();
    await prepare(page);
    page.setDefaultTimeout(LIMIT_MS);
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    await page.goto(this.#address);
    await page.getByRole('button', { name: 'pizza.jpg' }).waitFor();
    return { page, problems };
  }

  /** The process of the host. */
  get host(): ChildProcess {
    return this.#host;
  }

  /** Closes the pages and ends the host without a word; what it keeps stays. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    await Promise.all([...this.#contexts].map((context) => context.close()));
    if (this.#host.exitCode !== null || this.#host.signalCode !== null) return;
    const ended = new Promise((done) => this.#host.once('exit', done));
    this.#host.kill(signal);
    await ended;
  }
}

/**
 * Drops files from disk on the middle of the page, as the system does.
 * @param justBefore what happens to the page between the last moves and the drop
 * @param on what they are dropped on, of what shows while files are dragged
 */
export async function drop(
  page: Page,
  files: readonly string[],
  justBefore: () => Promise<void> = async () => undefined,
  on?: Locator,
): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  let [x, y] = [600, 400];
  const dispatch = (type: 'dragEnter' | 'dragOver' | 'drop') =>
    session.send('Input.dispatchDragEvent', { type, x, y, data });
  await dispatch('dragEnter');
  // A drop counts only once the page has said that it takes it.
  await page.getByText('Drop images, folders or an ONNX model', { exact: true }).waitFor();
  const box = await on?.boundingBox();
  if (box) [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await dispatch('dragOver');
  await dispatch('dragOver');
  await justBefore();
  await dispatch('drop');
  await session.detach();
}

/**
 * The sentence of the result, once the analysis on screen is that of the plan on screen. What stands beneath it, what the map earns, comes
 * later.
 */
export async function settledResult(page: Page): Promise<string> {
  await page.getByText('ready', { exact: true }).waitFor();
  await page.locator('section[aria-label=Result][aria-busy=false] .answer').waitFor();
  const sentence = page.getByRole('region', { name: 'Result' }).getByRole('heading');
  return (await sentence.innerText()).replaceAll(/[\u202f\u00a0]/g, ' ');
}

/** Every message takes as many milliseconds as `delay` says at the time, there and back. */
export async function delayMessages(page: Page, delay: () => number): Promise<void> {
  await page.routeWebSocket(/^ws:/, (socket) => {
    const host = socket.connectToServer();
    socket.onMessage((message) => void setTimeout(() => host.send(message), delay()));
    host.onMessage((message) => void setTimeout(() => socket.send(message), delay()));
  });
}
