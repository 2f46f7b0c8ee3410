import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ServiceOptions } from '../../../src-main/host/running-service.ts';
import type { Handlers } from '../../../src-main/host/conversation.ts';
import { COMMANDS } from '../../../src-shared/commands.ts';
import { figuresOf } from '../../../src-shared/work.ts';
import { fakeElectron, type FakeElectron, type MenuEntry } from './fake-electron.ts';

const PAGE = 'app://fovea/';
const CHANNEL = 'fovea';

let folder: string;
let electron: FakeElectron;
let machine: { options: ServiceOptions; emitted: unknown[][]; closed: boolean };
let argv: string[];
let directory: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-shell-'));
  vi.stubEnv('FOVEA_DATA', join(folder, 'data'));
  mkdirSync(join(folder, 'out', 'renderer'), { recursive: true });
  writeFileSync(join(folder, 'out', 'renderer', 'index.html'), '<title>view</title>');
  writeFileSync(join(folder, 'secret.js'), 'secret');
  argv = process.argv;
  directory = process.cwd();
  vi.resetModules();
  electron = fakeElectron();
  vi.doMock('electron', () => electron.module);
  vi.doMock('../../../src-main/files/project-folder.ts', () => ({
    projectFolder: () => folder,
    unpacked: (path: string) => path,
  }));
  vi.doMock('../../../src-main/host/running-service.ts', () => ({
    startService(options: ServiceOptions) {
      machine = { options, emitted: [], closed: false };
      const listeners = new Set<(...event: unknown[]) => void>();
      const handlers = {
        'app.ready': () => ({ files: options.shell?.pageReady().map((path) => ({ path })) ?? [] }),
        'app.info': () => ({ version: options.version, host: 'electron', platform: 'linux' }),
        'app.commands': ({ enabled }) => {
          options.shell?.setCommands(enabled);
          return null;
        },
        'models.list': (_, { signal, progress }) => {
          progress(figuresOf('opening-files', { done: 1, total: 4 }));
          return new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => reject(new Error('aborted'))),
          );
        },
      } satisfies Partial<Handlers> as unknown as Handlers;
      return {
        service: {
          handlers,
          emit(...event: unknown[]) {
            machine.emitted.push(event);
            for (const listener of listeners) listener(...event);
          },
          subscribe(listener: (...event: unknown[]) => void) {
            listeners.add(listener);
            return () => listeners.delete(listener);
          },
        },
        close: async () => void (machine.closed = true),
      };
    },
  }));
});
afterEach(() => {
  process.argv = argv;
  process.chdir(directory);
  vi.unstubAllEnvs();
  vi.doUnmock('electron');
  rmSync(folder, { recursive: true, force: true });
});

async function start(...names: string[]) {
  process.argv = ['electron', '.', ...names];
  await import('../../../src-main/index.ts');
  electron.makeReady();
  await expect.poll(() => electron.windows[0]?.webContents.mainFrame.url).toBe(PAGE);
  return electron.windows[0]!;
}

type FakeWindow = FakeElectron['windows'][number];

/** A message as Electron delivers it; by default from the page in the window's top frame. */
function say(window: FakeWindow, message: unknown, from: { sender?: unknown; senderFrame?: unknown } = {}) {
  electron.ipcMain.emit(
    CHANNEL,
    { sender: window.webContents, senderFrame: window.webContents.mainFrame, ...from },
    message,
  );
}

async function ask(window: FakeWindow, procedure: string, input: unknown = {}) {
  const { sent } = window.webContents;
  const count = sent.length;
  say(window, { kind: 'request', id: count, procedure, input });
  await expect.poll(() => sent.length).toBeGreaterThan(count);
  return sent.at(-1)!.message;
}

const readyPage = (window: FakeWindow) => ask(window, 'app.ready');

describe('the window', () => {
  test('is a sandboxed page without any of Node, and has no switch that weakens it', async () => {
    const window = await start();
    expect(electron.app.enableSandbox).toHaveBeenCalledOnce();
    const { preload, ...preferences } = window.options.webPreferences;
    expect(preload).toMatch(/preload[\\/]preload\.cjs$/);
    expect(preferences).toEqual({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      devTools: true,
    });
  });

  test('has no developer tools once packaged', async () => {
    electron.app.isPackaged = true;
    const window = await start();
    expect(window.options.webPreferences.devTools).toBe(false);
  });

  test('stays on its page: no navigation, no redirect, no frame elsewhere, no window, no webview', async () => {
    const { webContents } = await start();
    const prevented = (event: string, url: string) => {
      const preventDefault = vi.fn();
      webContents.emit(event, { url, preventDefault });
      return preventDefault.mock.calls.length > 0;
    };
    for (const event of ['will-navigate', 'will-frame-navigate', 'will-redirect']) {
      for (const url of [
        'https://evil.example/',
        'file:///etc/passwd',
        'app://evil/',
        'app://fovea.evil.example/',
        'about:blank',
        '',
      ])
        expect([event, url, prevented(event, url)]).toEqual([event, url, true]);
      expect(prevented(event, `${PAGE}index.html`)).toBe(false);
    }
    expect(prevented('will-attach-webview', PAGE)).toBe(true);
    expect(webContents.openHandler?.({ url: PAGE })).toEqual({ action: 'deny' });
  });

  test('is granted the clipboard for writing and nothing else', async () => {
    await start();
    const request = (permission: string, requestingUrl: string) => {
      let answer: boolean | undefined;
      electron.granted.request?.(null, permission, (granted) => (answer = granted), { requestingUrl });
      return answer;
    };
    for (const permission of [
      'media',
      'geolocation',
      'notifications',
      'clipboard-read',
      'openExternal',
      'fileSystem',
    ]) {
      expect(request(permission, PAGE)).toBe(false);
      expect(electron.granted.check?.(null, permission, 'app://fovea')).toBe(false);
    }
    expect(request('clipboard-sanitized-write', PAGE)).toBe(true);
    expect(request('clipboard-sanitized-write', 'https://evil.example/')).toBe(false);
    expect(electron.granted.check?.(null, 'clipboard-sanitized-write', 'app://fovea')).toBe(true);
    expect(electron.granted.check?.(null, 'clipboard-sanitized-write', 'https://evil.example')).toBe(false);
    expect(electron.granted.device?.()).toBe(false);
  });

  test('reaches no network', async () => {
    await start();
    const cancelled = (url: string) => {
      let answer: boolean | undefined;
      electron.granted.network?.({ url }, ({ cancel }) => (answer = cancel));
      return answer;
    };
    for (const url of [
      'https://example.org/',
      'http://127.0.0.1/',
      'ws://127.0.0.1/',
      'file:///etc/passwd',
      'app://evil/x',
    ])
      expect([url, cancelled(url)]).toEqual([url, true]);
    for (const url of [PAGE, `${PAGE}assets/a.js`, 'blob:app://fovea/123', 'devtools://devtools/bundled/x.html'])
      expect([url, cancelled(url)]).toEqual([url, false]);
  });

  test('opens where it was, and is shown when it has drawn', async () => {
    const first = await start();
    expect(first.visible).toBe(false);
    first.emit('ready-to-show');
    expect(first.visible).toBe(true);
    first.close();
    const kept = join(folder, 'data', 'window.json');
    await expect
      .poll(() => existsSync(kept) && JSON.parse(readFileSync(kept, 'utf8')))
      .toEqual({ bounds: first.bounds, maximised: false });
    electron.app.emit('activate');
    await expect.poll(() => electron.windows).toHaveLength(2);
    expect(electron.windows[1]!.options).toMatchObject(first.bounds);
  });

  test('is reloaded after a crash of its page, though not for ever', async () => {
    const { webContents } = await start();
    webContents.emit('render-process-gone', {}, { reason: 'clean-exit' });
    expect(webContents.reload).not.toHaveBeenCalled();
    for (let crash = 0; crash < 10; crash++) webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(webContents.reload).toHaveBeenCalledTimes(3);
  });
});

describe('the app: scheme', () => {
  const get = async (url: string, method = 'GET') => {
    const response = await electron.protocol.handlers.get('app')!({ url, method });
    return { status: response.status, body: await response.text(), headers: response.headers };
  };

  test('is a secure origin of its own, made known before Electron is ready', async () => {
    await start();
    expect(electron.protocol.registerSchemesAsPrivileged).toHaveBeenCalledExactlyOnceWith([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
    ]);
  });

  test('serves the build with a policy that allows its own scripts and no connection', async () => {
    await start();
    const page = await get(PAGE);
    expect([page.status, page.body]).toEqual([200, '<title>view</title>']);
    const policy = page.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'; script-src 'self'");
    expect(policy).toContain("connect-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test.each([
    ['app://fovea/../../secret.js', 404],
    ['app://fovea/%2e%2e/%2e%2e/secret.js', 404],
    ['app://fovea/..%2f..%2fsecret.js', 404],
    ['app://fovea/etc/passwd', 404],
    ['app://evil/index.html', 403],
  ])('does not serve %s', async (url, status) => {
    await start();
    const answer = await get(url);
    expect([answer.status, answer.body]).toEqual([status, '']);
  });

  test('is for reading', async () => {
    await start();
    expect((await get(PAGE, 'POST')).status).toBe(403);
  });
});

describe('messages', () => {
  test('of the page are answered', async () => {
    const window = await start();
    expect(await ask(window, 'app.info')).toMatchObject({ kind: 'result', value: { version: '1.2.3' } });
    expect(window.webContents.sent.every(({ channel }) => channel === CHANNEL)).toBe(true);
  });

  test('of anyone else are not', async () => {
    const window = await start();
    const { mainFrame } = window.webContents;
    const request = { kind: 'request', id: 1, procedure: 'app.info', input: {} };
    say(window, request, { sender: {} });
    say(window, request, { senderFrame: null });
    say(window, request, { senderFrame: { parent: mainFrame, url: PAGE } });
    say(window, request, { senderFrame: { parent: null, url: 'https://evil.example/' } });
    say(window, request, { senderFrame: { parent: null, url: 'app://evil/' } });
    say(window, request, { senderFrame: { parent: null, url: 'file:///tmp/fovea/index.html' } });
    await ask(window, 'app.ready');
    expect(window.webContents.sent).toHaveLength(1);
  });

  test('that are none are dropped, and the next one is answered', async () => {
    const window = await start();
    const complaint = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    say(window, 'nonsense');
    expect(complaint).toHaveBeenCalledOnce();
    complaint.mockRestore();
    expect(await ask(window, 'app.info')).toMatchObject({ kind: 'result' });
  });

  test('show their progress on the taskbar, until the page is gone', async () => {
    const window = await start();
    await ask(window, 'models.list');
    expect(window.progress.at(-1)).toBe(0.25);
    window.webContents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false });
    expect(window.progress.at(-1)).toBe(-1);
    // What the reloaded page is told belongs to its own requests.
    const before = window.webContents.sent.length;
    await new Promise((resolve) => setImmediate(resolve));
    expect(window.webContents.sent).toHaveLength(before);
  });
});

describe('files to open', () => {
  const delivered = () => machine.emitted.filter(([event]) => event === 'files.opened').map(([, value]) => value);

  test('named at start wait for the page to listen, switches left out', async () => {
    const window = await start('--trace-warnings', 'a.jpg', '/photos');
    expect(delivered()).toEqual([]);
    expect(await readyPage(window)).toMatchObject({
      value: { files: [{ path: join(process.cwd(), 'a.jpg') }, { path: '/photos' }] },
    });
    expect(await readyPage(window)).toMatchObject({ value: { files: [] } });
  });

  test('of a second start come to the first, which comes to the front', async () => {
    const window = await start();
    await readyPage(window);
    electron.app.emit('second-instance', {}, [], '', { paths: ['/photos/b.jpg'] });
    expect(delivered()).toEqual([{ files: [{ path: '/photos/b.jpg' }] }]);
    expect(window.focus).toHaveBeenCalledOnce();
    electron.app.emit('second-instance', {}, [], '', { paths: 'nonsense' });
    expect(delivered()).toHaveLength(1);
  });

  test('a second start hands its own over and opens no window', async () => {
    electron.app.isSecondInstance = true;
    process.argv = ['electron', '.', '/photos/b.jpg'];
    const whenReady = vi.spyOn(electron.app, 'whenReady');
    await import('../../../src-main/index.ts');
    // Nothing waits for Electron: there is nothing that would come later.
    expect(whenReady).not.toHaveBeenCalled();
    expect(electron.app.requestSingleInstanceLock).toHaveBeenCalledWith({ paths: ['/photos/b.jpg'] });
    expect(electron.app.quit).toHaveBeenCalledOnce();
    expect(electron.windows).toHaveLength(0);
  });

  test('of a file association wait while the page reloads', async () => {
    const window = await start();
    await readyPage(window);
    window.webContents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false });
    const preventDefault = vi.fn();
    electron.app.emit('open-file', { preventDefault }, '/photos/c.jpg');
    expect(preventDefault).toHaveBeenCalledOnce();
    expect(delivered()).toEqual([]);
    expect(await readyPage(window)).toMatchObject({ value: { files: [{ path: '/photos/c.jpg' }] } });
  });

  test('are chosen in the dialog of the system', async () => {
    await start();
    expect(await machine.options.shell?.choose('folder')).toEqual(['/photos/a.jpg']);
    expect(electron.dialog.showOpenDialog.mock.calls[0]?.[1]).toMatchObject({
      properties: ['openDirectory', 'multiSelections'],
    });
  });
});

describe('the menu', () => {
  const entries = (menu: readonly MenuEntry[]): MenuEntry[] =>
    menu.flatMap((entry) => [entry, ...entries(entry.submenu ?? [])]);
  const current = () => entries(electron.menus.at(-1)!);

  test('has every command of the table once, with its label, and its shortcut shown but left to the page', async () => {
    await start();
    const items = current().filter(({ id }) => id !== undefined);
    expect(items.map(({ id, label }) => [id, label])).toEqual(COMMANDS.map(({ id, label }) => [id, label]));
    const undo = items.find(({ id }) => id === 'plan.undo');
    expect(undo).toMatchObject({ accelerator: 'CommandOrControl+Z', registerAccelerator: false });
    expect(items.every(({ accelerator, registerAccelerator }) => !accelerator || registerAccelerator === false)).toBe(
      true,
    );
    const shortcuts = items.map(({ accelerator }) => accelerator).filter(Boolean);
    expect(new Set(shortcuts).size).toBe(shortcuts.length);
  });

  test('enables what the page says is possible, and nothing before', async () => {
    const window = await start();
    const enabled = (id: string) => current().find((entry) => entry.id === id)?.enabled;
    expect(COMMANDS.filter(({ id }) => enabled(id))).toEqual([]);
    await ask(window, 'app.commands', { enabled: ['plan.undo'] });
    expect([enabled('plan.undo'), enabled('export.csv')]).toEqual([true, false]);
    await ask(window, 'app.commands', { enabled: ['export.csv'] });
    expect([enabled('plan.undo'), enabled('export.csv')]).toEqual([false, true]);
  });

  test('sends the page the command that was chosen', async () => {
    await start();
    current()
      .find(({ id }) => id === 'zoom.fit')
      ?.click?.();
    expect(machine.emitted).toContainEqual(['command', { command: 'zoom.fit' }]);
  });

  test('keeps the files opened last, the newest first, ten at most, and forgets them on demand', async () => {
    const window = await start();
    await readyPage(window);
    machine.options.shell?.opened(Array.from({ length: 12 }, (_, index) => `/photos/${index}.jpg`));
    machine.options.shell?.opened(['/photos/5.jpg']);
    const recent = () => current().filter((entry) => 'sublabel' in entry) as (MenuEntry & { sublabel: string })[];
    expect(
      recent()
        .map(({ sublabel }) => sublabel)
        .slice(0, 3),
    ).toEqual(['/photos/5.jpg', '/photos/0.jpg', '/photos/1.jpg']);
    expect(recent()).toHaveLength(10);
    recent()[1]!.click?.();
    expect(machine.emitted).toContainEqual(['files.opened', { files: [{ path: '/photos/0.jpg' }] }]);
    current()
      .find(({ label }) => label === 'Forget recent files')
      ?.click?.();
    expect(recent()).toHaveLength(0);
    const kept = join(folder, 'data', 'recent-files.json');
    await expect.poll(() => existsSync(kept) && JSON.parse(readFileSync(kept, 'utf8'))).toEqual([]);
  });
});

test('the end of the application ends the machine', async () => {
  await start();
  electron.app.emit('will-quit');
  expect(machine.closed).toBe(true);
});
