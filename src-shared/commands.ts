/**
 * Every command of the application, once. The native menu, the keyboard and the sheet of shortcuts read this table; the view
 * holds what each command does.
 */

/** What must hold for a command to be possible; the view knows what does. */
export const CONDITIONS = [
  'image',
  'several-images',
  'analysis',
  'can-undo',
  'can-redo',
  'analyse-place',
  'can-return',
  'command-line',
] as const;
export type Condition = (typeof CONDITIONS)[number];

export const MENUS = ['File', 'Edit', 'View', 'Go', 'Help'] as const;
export type Menu = (typeof MENUS)[number];

export interface Command {
  readonly id: string;
  readonly label: string;
  readonly menu: Menu;
  /** Commands of one menu are separated by a line where the group changes. */
  readonly group: number;
  /** Keys joined by `+`; `Mod` is Command on macOS and Control elsewhere. Names of keys as in `KeyboardEvent.key`. */
  readonly shortcut: string | null;
  readonly when: readonly Condition[];
}

const ANALYSED = ['analyse-place', 'analysis'] as const;
const SHOWN = ['analyse-place', 'image'] as const;

export const COMMANDS = [
  { id: 'files.open', label: 'Open images or a model…', menu: 'File', group: 1, shortcut: 'Mod+O', when: [] },
  { id: 'files.open-folder', label: 'Open folder…', menu: 'File', group: 1, shortcut: 'Mod+Shift+O', when: [] },
  { id: 'images.remove', label: 'Remove image from list', menu: 'File', group: 2, shortcut: 'Delete', when: SHOWN },
  { id: 'run.save', label: 'Save as run…', menu: 'File', group: 3, shortcut: 'Mod+S', when: ANALYSED },
  { id: 'export.png', label: 'Export map as PNG', menu: 'File', group: 4, shortcut: 'Mod+E', when: ANALYSED },
  { id: 'export.map', label: 'Export importance as map', menu: 'File', group: 4, shortcut: null, when: ANALYSED },
  { id: 'export.figure', label: 'Export figure as PNG', menu: 'File', group: 4, shortcut: null, when: ANALYSED },
  { id: 'export.figure-svg', label: 'Export figure as SVG', menu: 'File', group: 4, shortcut: null, when: ANALYSED },
  { id: 'export.charts', label: 'Export charts as SVG', menu: 'File', group: 4, shortcut: null, when: ANALYSED },
  { id: 'export.csv', label: 'Export figures as CSV', menu: 'File', group: 4, shortcut: null, when: ANALYSED },
  { id: 'export.json', label: 'Export analysis as JSON', menu: 'File', group: 4, shortcut: null, when: ANALYSED },
  { id: 'export.report', label: 'Export report as HTML', menu: 'File', group: 4, shortcut: null, when: ANALYSED },

  { id: 'plan.undo', label: 'Undo', menu: 'Edit', group: 1, shortcut: 'Mod+Z', when: ['can-undo'] },
  { id: 'plan.redo', label: 'Redo', menu: 'Edit', group: 1, shortcut: 'Mod+Shift+Z', when: ['can-redo'] },
  { id: 'plan.reset', label: 'Default plan', menu: 'Edit', group: 2, shortcut: null, when: ['analyse-place'] },
  {
    id: 'copy.command',
    label: 'Copy as command',
    menu: 'Edit',
    group: 3,
    shortcut: 'Mod+Shift+C',
    when: ['command-line'],
  },

  { id: 'overlay.photo', label: 'Photo', menu: 'View', group: 1, shortcut: '1', when: SHOWN },
  { id: 'overlay.importance', label: 'Importance', menu: 'View', group: 1, shortcut: '2', when: SHOWN },
  { id: 'overlay.levels', label: 'Levels', menu: 'View', group: 1, shortcut: '3', when: SHOWN },
  { id: 'overlay.bits', label: 'Bits of a layer', menu: 'View', group: 1, shortcut: '4', when: SHOWN },
  { id: 'overlay.hide', label: 'Hide overlay while held', menu: 'View', group: 2, shortcut: 'H', when: SHOWN },
  { id: 'overlay.compare', label: 'Before and after', menu: 'View', group: 2, shortcut: 'C', when: SHOWN },
  { id: 'layer.previous', label: 'Previous layer', menu: 'View', group: 3, shortcut: '[', when: ANALYSED },
  { id: 'layer.next', label: 'Next layer', menu: 'View', group: 3, shortcut: ']', when: ANALYSED },
  { id: 'zoom.in', label: 'Zoom in', menu: 'View', group: 4, shortcut: '+', when: SHOWN },
  { id: 'zoom.out', label: 'Zoom out', menu: 'View', group: 4, shortcut: '-', when: SHOWN },
  { id: 'zoom.fit', label: 'Fit', menu: 'View', group: 4, shortcut: '0', when: SHOWN },

  { id: 'place.analyse', label: 'Analyse', menu: 'Go', group: 1, shortcut: 'Mod+1', when: [] },
  { id: 'place.evaluate', label: 'Evaluate', menu: 'Go', group: 1, shortcut: 'Mod+2', when: [] },
  { id: 'place.compare', label: 'Compare', menu: 'Go', group: 1, shortcut: 'Mod+3', when: [] },
  { id: 'place.models', label: 'Models', menu: 'Go', group: 1, shortcut: 'Mod+4', when: [] },
  {
    id: 'go.back',
    label: 'Back to where you came from',
    menu: 'Go',
    group: 2,
    shortcut: 'Escape',
    when: ['can-return'],
  },
  { id: 'image.previous', label: 'Previous image', menu: 'Go', group: 3, shortcut: 'PageUp', when: ['several-images'] },
  { id: 'image.next', label: 'Next image', menu: 'Go', group: 3, shortcut: 'PageDown', when: ['several-images'] },

  { id: 'help.shortcuts', label: 'Keyboard shortcuts', menu: 'Help', group: 1, shortcut: '?', when: [] },
] as const satisfies readonly Command[];

export type CommandId = (typeof COMMANDS)[number]['id'];
export const COMMAND_IDS: readonly CommandId[] = COMMANDS.map((command) => command.id);

export function isEnabled(command: Command, conditions: ReadonlySet<Condition>): boolean {
  return command.when.every((condition) => conditions.has(condition));
}

/** The part of a `KeyboardEvent` that decides. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/** The command a key press stands for, whether or not it is possible now; null when there is none. */
export function commandOfKeyPress(press: KeyPress, isMac: boolean): (typeof COMMANDS)[number] | null {
  return COMMANDS.find(({ shortcut }) => shortcut !== null && matches(shortcut, press, isMac)) ?? null;
}

function matches(shortcut: string, press: KeyPress, isMac: boolean): boolean {
  const { mod, shift, key } = parseShortcut(shortcut);
  if (press.altKey || mod !== (isMac ? press.metaKey : press.ctrlKey) || (isMac ? press.ctrlKey : press.metaKey))
    return false;
  // Shift is part of how a sign such as `?` or `+` is typed, so it counts only beside letters and named keys.
  const sign = key.length === 1 && key.toLowerCase() === key.toUpperCase();
  return press.key.toLowerCase() === key.toLowerCase() && (sign || shift === press.shiftKey);
}

/** The shortcut as the user reads it: `Ctrl+Shift+O`, on macOS `⇧⌘O`. */
export function shortcutLabel(shortcut: string, isMac: boolean): string {
  const { mod, shift, key } = parseShortcut(shortcut);
  const name = KEY_LABELS[key] ?? key;
  if (isMac) return `${shift ? '⇧' : ''}${mod ? '⌘' : ''}${name}`;
  return `${mod ? 'Ctrl+' : ''}${shift ? 'Shift+' : ''}${name}`;
}

const KEY_LABELS: Readonly<Record<string, string>> = {
  PageUp: 'Page Up',
  PageDown: 'Page Down',
  Escape: 'Esc',
  '-': '−',
};

/** `+` alone is the plus key; elsewhere it joins. */
export function parseShortcut(shortcut: string): { mod: boolean; shift: boolean; key: string } {
  const parts = shortcut === '+' ? ['+'] : shortcut.split('+');
  return { mod: parts.includes('Mod'), shift: parts.includes('Shift'), key: parts.at(-1)! };
}
