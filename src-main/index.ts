import { app, type BrowserWindow } from 'electron';
import { join } from 'node:path';
import { APP_ORIGIN, originOf, registerAppScheme, serveAppScheme, type PageAddress } from './shell/app-protocol.ts';
import { dataFolder, runsFile } from './files/data-folder.ts';
import { serveIpc } from './shell/ipc.ts';
import { lockDown } from './shell/lock-down.ts';
import { startService } from './host/running-service.ts';
import { applicationMenu } from './shell/menu.ts';
import { openQueue } from './shell/open-queue.ts';
import { claimSingleInstance, onOpenRequest, pathsOfArguments } from './shell/open-requests.ts';
import { projectFolder } from './files/project-folder.ts';
import { openRecentFiles } from './shell/recent-files.ts';
import { desktopShell } from './shell/shell.ts';
import { taskbarProgress } from './shell/taskbar-progress.ts';
import { spawnUtilityProcess } from './shell/utility-process.ts';
import { openWindow } from './shell/window.ts';

const page = pageAddress();
const named = pathsOfArguments(process.argv, app.isPackaged, process.cwd());

registerAppScheme();
app.enableSandbox();
if (claimSingleInstance(named)) {
  start().catch((error: unknown) => {
    console.error(error);
    app.exit(1);
  });
} else app.quit();

async function start(): Promise<void> {
  let window: BrowserWindow | null = null;

  const queue = openQueue((paths) => running.service.emit('files.opened', { files: paths.map((path) => ({ path })) }));
  queue.open(named);
  onOpenRequest((paths) => {
    queue.open(paths);
    bringToFront(window);
  });

  await app.whenReady();
  lockDown(page);
  await serveAppScheme(join(projectFolder(), 'out', 'renderer'));

  const folder = dataFolder();
  const menu = applicationMenu({
    run: (command) => running.service.emit('command', { command }),
    openRecent: (path) => queue.open([path]),
    clearRecent: () => recentFiles.clear(),
  });
  const recentFiles = await openRecentFiles(join(folder, 'recent-files.json'), (paths) =>
    menu.show({ recentFiles: paths }),
  );
  const running = startService({
    version: app.getVersion(),
    dataFolder: folder,
    db: runsFile(folder),
    shell: desktopShell({ queue, menu, recentFiles, window: () => window }),
    uploads: null,
    spawn: spawnUtilityProcess,
  });
  menu.show({ recentFiles: recentFiles.list() });
  app.on('will-quit', () => void running.close());

  const show = () =>
    openWindow(page, folder, (opened) => {
      window = opened;
      const progress = taskbarProgress((share) => opened.setProgressBar(share));
      serveIpc(opened, page, running.service, {
        sent: (message) => progress.see(message),
        pageGone() {
          queue.pageGone();
          if (!opened.isDestroyed()) progress.clear();
        },
      });
      opened.on('closed', () => (window = null));
    });
  await show();

  // On macOS an application lives on without a window, and its icon opens one again.
  app.on('window-all-closed', () => process.platform !== 'darwin' && app.quit());
  app.on('activate', () => window === null && void show());
}

/** While developing, electron-vite names the server the view comes from. */
function pageAddress(): PageAddress {
  const development = app.isPackaged ? undefined : process.env.ELECTRON_RENDERER_URL;
  const url = development ?? `${APP_ORIGIN}/`;
  return { url, origin: originOf(url) };
}

function bringToFront(window: BrowserWindow | null): void {
  if (window?.isMinimized()) window.restore();
  window?.focus();
}
