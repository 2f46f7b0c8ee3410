import { Menu, type MenuItemConstructorOptions } from 'electron';
import { basename } from 'node:path';
import {
  COMMANDS,
  MENUS,
  parseShortcut,
  type Command,
  type CommandId,
  type Menu as MenuName,
} from '../../src-shared/commands.ts';

export interface MenuState {
  /** Commands that are possible. */
  readonly enabled: ReadonlySet<CommandId>;
  readonly recentFiles: readonly string[];
}

export interface MenuActions {
  run(command: CommandId): void;
  openRecent(path: string): void;
  clearRecent(): void;
}

/** The native menu, put up anew when what it shows changes. */
export interface ApplicationMenu {
  show(change: Partial<MenuState>): void;
}

export function applicationMenu(actions: MenuActions): ApplicationMenu {
  let state: MenuState = { enabled: new Set(), recentFiles: [] };
  return {
    show(change) {
      state = { ...state, ...change };
      const template = menuTemplate(state, actions, process.platform === 'darwin');
      Menu.setApplicationMenu(Menu.buildFromTemplate(template));
    },
  };
}

/** The menu of the command table, with what every application of the system has beside. */
function menuTemplate(state: MenuState, actions: MenuActions, isMac: boolean): MenuItemConstructorOptions[] {
  const extra: Readonly<Partial<Record<MenuName, MenuItemConstructorOptions[]>>> = {
    File: [recentMenu(state.recentFiles, actions), SEPARATOR, { role: isMac ? 'close' : 'quit' }],
    Edit: [{ role: 'cut' }, { role: 'copy' }, { role: 'paste' }, { role: 'selectAll' }],
    View: [{ role: 'togglefullscreen' }],
    Help: [{ role: 'about' }],
  };
  const menus = MENUS.map((label): MenuItemConstructorOptions => {
    const items = commandItems(label, state.enabled, actions, isMac);
    return { label, submenu: extra[label] ? [...items, SEPARATOR, ...extra[label]] : items };
  });
  return isMac ? [{ role: 'appMenu' }, ...menus, { role: 'windowMenu' }] : menus;
}

const SEPARATOR = { type: 'separator' } as const;

function commandItems(
  menu: MenuName,
  enabled: ReadonlySet<CommandId>,
  actions: MenuActions,
  isMac: boolean,
): MenuItemConstructorOptions[] {
  const commands = COMMANDS.filter((command) => command.menu === menu);
  return commands.flatMap((command, index) => {
    const item: MenuItemConstructorOptions = {
      id: command.id,
      label: command.label,
      enabled: enabled.has(command.id),
      click: () => actions.run(command.id),
      ...acceleratorOf(command, isMac),
    };
    const startsGroup = index > 0 && command.group !== commands[index - 1]!.group;
    return startsGroup ? [SEPARATOR, item] : [item];
  });
}

/**
 * The page handles every shortcut itself, so that keys mean the same in a browser and leave text fields alone: here they are shown
 * but not registered. macOS registers whatever it shows; there keys without Command are not shown.
 */
function acceleratorOf({ shortcut }: Command, isMac: boolean): MenuItemConstructorOptions {
  if (shortcut === null) return {};
  const { mod, shift, key } = parseShortcut(shortcut);
  if (isMac && !mod) return {};
  const name = key === '+' ? 'Plus' : key;
  return {
    accelerator: [mod ? 'CommandOrControl' : '', shift ? 'Shift' : '', name].filter(Boolean).join('+'),
    registerAccelerator: false,
  };
}

function recentMenu(paths: readonly string[], actions: MenuActions): MenuItemConstructorOptions {
  return {
    label: 'Open recent',
    enabled: paths.length > 0,
    submenu: [
      ...paths.map((path) => ({ label: basename(path), sublabel: path, click: () => actions.openRecent(path) })),
      SEPARATOR,
      { label: 'Forget recent files', click: () => actions.clearRecent() },
    ],
  };
}
