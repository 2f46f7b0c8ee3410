import { app, BrowserWindow, nativeTheme, screen } from 'electron';
import { join } from 'node:path';
import type { PageAddress } from './app-protocol.ts';
import { jsonFile } from '../files/json-file.ts';
import { projectFolder } from '../files/project-folder.ts';
import { DEFAULT_WINDOW_STATE, MIN_WINDOW, placeWindow, windowStateSchema } from './window-state.ts';

/** The background before the page has drawn, so that a dark window does not flash white. As in the view's theme. */
const BACKGROUND = { light: '#f6f7f8', dark: '#15181c' } as const;
const MAX_RELOADS = 3;

/**
 * Creates the window where it was last, shown when its page has drawn.
 * @param prepare called before the page loads
 */
export async function openWindow(
  page: PageAddress,
  dataFolder: string,
  prepare: (window: BrowserWindow) => void,
): Promise<BrowserWindow> {
  const file = jsonFile(join(dataFolder, 'window.json'), windowStateSchema, DEFAULT_WINDOW_STATE);
  const state = await file.read();
  const primary = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter(({ id }) => id !== primary.id);
  const window = new BrowserWindow({
    ...placeWindow(
      state,
      [primary, ...others].map(({ workArea }) => workArea),
    ),
    minWidth: MIN_WINDOW.width,
    minHeight: MIN_WINDOW.height,
    show: false,
    backgroundColor: background(),
    title: 'Fovea',
    webPreferences: {
      preload: join(projectFolder(), 'out', 'preload', 'preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      devTools: !app.isPackaged,
    },
  });
  if (state.maximised) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () => {
    file
      .write({ bounds: window.getNormalBounds(), maximised: window.isMaximized() })
      .catch((error: unknown) => console.error('The place of the window could not be kept.', error));
  });
  const recolour = () => window.setBackgroundColor(background());
  nativeTheme.on('updated', recolour);
  window.on('closed', () => nativeTheme.off('updated', recolour));
  reloadAfterCrash(window);
  prepare(window);
  await window.loadURL(page.url);
  return window;
}

function background(): string {
  return nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light;
}

/** A page that crashes over and over is left alone, rather than reloaded for ever. */
function reloadAfterCrash(window: BrowserWindow): void {
  let reloads = 0;
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason !== 'clean-exit' && ++reloads <= MAX_RELOADS) window.webContents.reload();
  });
}
