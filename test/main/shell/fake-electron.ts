import { EventEmitter } from 'node:events';
import { vi } from 'vitest';

/**
 * A strict stand-in for the `electron` module: it has what the shell uses and throws on anything else, and on calls at the
 * wrong time: what must come before Electron is ready, and what must come after.
 */
export function fakeElectron() {
  let ready = false;
  let makeReady = () => {};
  const whenReady = new Promise<void>((resolve) => {
    makeReady = () => {
      ready = true;
      resolve();
    };
  });
  const before = (name: string) => {
    if (ready) throw new Error(`${name} was called after Electron was ready`);
  };
  const after = (name: string) => {
    if (!ready) throw new Error(`${name} was called before Electron was ready`);
  };

  const app = Object.assign(new EventEmitter(), {
    isPackaged: false,
    isSecondInstance: false,
    whenReady: () => whenReady,
    enableSandbox: vi.fn(() => before('enableSandbox')),
    requestSingleInstanceLock: vi.fn((_data: unknown) => !app.isSecondInstance),
    getVersion: () => '1.2.3',
    quit: vi.fn(),
    exit: vi.fn(),
  });

  const protocol = {
    registerSchemesAsPrivileged: vi.fn((_schemes: unknown) => before('registerSchemesAsPrivileged')),
    handlers: new Map<string, (request: { url: string; method: string }) => Promise<Response>>(),
    handle(scheme: string, handler: (request: { url: string; method: string }) => Promise<Response>) {
      after('protocol.handle');
      protocol.handlers.set(scheme, handler);
    },
  };

  type PermissionRequest = (
    contents: null,
    permission: string,
    grant: (granted: boolean) => void,
    details: { requestingUrl: string },
  ) => void;
  const granted: {
    request?: PermissionRequest;
    check?: (contents: null, permission: string, origin: string) => boolean;
    device?: () => boolean;
    network?: (request: { url: string }, decide: (answer: { cancel: boolean }) => void) => void;
  } = {};
  const defaultSession = strict('session', {
    setPermissionRequestHandler: (handler: PermissionRequest) => void (granted.request = handler),
    setPermissionCheckHandler: (handler: NonNullable<typeof granted.check>) => void (granted.check = handler),
    setDevicePermissionHandler: (handler: NonNullable<typeof granted.device>) => void (granted.device = handler),
    webRequest: strict('webRequest', {
      onBeforeRequest: (handler: NonNullable<typeof granted.network>) => void (granted.network = handler),
    }),
  });

  const windows: FakeWindow[] = [];
  class FakeContents extends EventEmitter {
    readonly sent: { channel: string; message: unknown }[] = [];
    readonly mainFrame = { parent: null, url: '' };
    openHandler: ((details: { url: string }) => { action: string }) | null = null;
    destroyed = false;
    readonly reload = vi.fn();
    setWindowOpenHandler(handler: (details: { url: string }) => { action: string }) {
      this.openHandler = handler;
    }
    isDestroyed() {
      return this.destroyed;
    }
    send(channel: string, message: unknown) {
      if (this.destroyed) throw new Error('sent to destroyed contents');
      this.sent.push({ channel, message });
    }
  }
  class FakeWindow extends EventEmitter {
    readonly options: Record<string, unknown> & { webPreferences: Record<string, unknown> };
    readonly webContents = new FakeContents();
    readonly progress: number[] = [];
    visible = false;
    bounds = { x: 10, y: 20, width: 1000, height: 700 };
    readonly focus = vi.fn();
    readonly maximize = vi.fn();
    readonly setBackgroundColor = vi.fn();
    constructor(options: FakeWindow['options']) {
      super();
      after('new BrowserWindow');
      this.options = options;
      windows.push(this);
      app.emit('web-contents-created', {}, this.webContents);
    }
    show() {
      this.visible = true;
    }
    isMinimized() {
      return false;
    }
    focused = true;
    isFocused() {
      return this.focused;
    }
    isMaximized() {
      return false;
    }
    isDestroyed() {
      return this.webContents.destroyed;
    }
    getNormalBounds() {
      return this.bounds;
    }
    setProgressBar(share: number) {
      this.progress.push(share);
    }
    async loadURL(url: string) {
      this.webContents.mainFrame.url = url;
    }
    close() {
      this.emit('close');
      this.webContents.destroyed = true;
      this.emit('closed');
    }
  }

  const notifications: FakeNotification[] = [];
  class FakeNotification extends EventEmitter {
    readonly options: { readonly title: string; readonly body: string };
    constructor(options: FakeNotification['options']) {
      super();
      after('new Notification');
      this.options = options;
    }
    show() {
      notifications.push(this);
    }
  }

  const menus: MenuEntry[][] = [];
  const Menu = strict('Menu', {
    buildFromTemplate: (template: MenuEntry[]) => template,
    setApplicationMenu: (template: MenuEntry[]) => void menus.push(template),
  });

  const ipcMain = new EventEmitter();
  const nativeTheme = Object.assign(new EventEmitter(), { shouldUseDarkColors: false });
  const display = { id: 1, workArea: { x: 0, y: 0, width: 1920, height: 1080 } };
  const screen = strict('screen', { getPrimaryDisplay: () => display, getAllDisplays: () => [display] });
  const dialog = strict('dialog', {
    showOpenDialog: vi.fn(async (_window: unknown, _options: unknown) => ({
      canceled: false,
      filePaths: ['/photos/a.jpg'],
    })),
  });
  const utilityProcess = strict('utilityProcess', {});

  return {
    module: {
      app: strict('app', app),
      BrowserWindow: FakeWindow,
      dialog,
      ipcMain: strict('ipcMain', ipcMain),
      Menu,
      nativeTheme: strict('nativeTheme', nativeTheme),
      Notification: FakeNotification,
      protocol: strict('protocol', protocol),
      screen,
      session: strict('session', { defaultSession }),
      utilityProcess,
    },
    app,
    dialog,
    granted,
    ipcMain,
    makeReady,
    menus,
    notifications,
    protocol,
    windows,
  };
}

export type FakeElectron = ReturnType<typeof fakeElectron>;

export interface MenuEntry {
  readonly id?: string;
  readonly label?: string;
  readonly role?: string;
  readonly type?: string;
  readonly enabled?: boolean;
  readonly accelerator?: string;
  readonly registerAccelerator?: boolean;
  readonly submenu?: readonly MenuEntry[];
  readonly click?: () => void;
}

/** Throws on members the fake does not have; looking whether one is a promise is allowed. */
function strict<Target extends object>(name: string, target: Target): Target {
  return new Proxy(target, {
    get(object, key) {
      if (!(key in object) && key !== 'then' && typeof key === 'string')
        throw new Error(`the fake electron has no ${name}.${key}`);
      const value: unknown = Reflect.get(object, key);
      return typeof value === 'function' && !('mock' in value) ? value.bind(object) : value;
    },
  });
}
