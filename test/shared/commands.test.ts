import { describe, expect, test } from 'vitest';
import {
  commandOfKeyPress,
  COMMANDS,
  CONDITIONS,
  isEnabled,
  parseShortcut,
  shortcutLabel,
  type KeyPress,
} from '../../src-shared/commands.ts';

const press = (key: string, held: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...held,
});

test('no two commands share an id or a shortcut', () => {
  const ids = COMMANDS.map(({ id }) => id);
  const shortcuts = COMMANDS.map(({ shortcut }) => shortcut).filter((shortcut) => shortcut !== null);
  expect(new Set(ids).size).toBe(ids.length);
  expect(new Set(shortcuts).size).toBe(shortcuts.length);
});

test('the commands of one menu stand together, in the order of their groups', () => {
  const places = COMMANDS.map(({ menu, group }) => `${menu} ${group}`);
  expect(places.filter((place, index) => places.indexOf(place) !== index && places[index - 1] !== place)).toEqual([]);
});

test('every condition is needed by some command', () => {
  const needed = new Set(COMMANDS.flatMap(({ when }): readonly string[] => when));
  expect(CONDITIONS.filter((condition) => !needed.has(condition))).toEqual([]);
});

describe('a key press', () => {
  test.each(COMMANDS.filter(({ shortcut }) => shortcut !== null).map(({ id, shortcut }) => [shortcut, id] as const))(
    '%s stands for %s, on each system',
    (shortcut, id) => {
      const { mod, shift, key } = parseShortcut(shortcut ?? '');
      for (const isMac of [false, true]) {
        const held = { ctrlKey: mod && !isMac, metaKey: mod && isMac, shiftKey: shift };
        expect(commandOfKeyPress(press(key, held), isMac)?.id).toBe(id);
        // Letters come in upper case while Shift is held.
        expect(commandOfKeyPress(press(shift ? key.toUpperCase() : key.toLowerCase(), held), isMac)?.id).toBe(id);
      }
    },
  );

  test('with Shift is another one beside letters, and the same beside signs, which need it on some keyboards', () => {
    expect(commandOfKeyPress(press('z', { ctrlKey: true }), false)?.id).toBe('plan.undo');
    expect(commandOfKeyPress(press('Z', { ctrlKey: true, shiftKey: true }), false)?.id).toBe('plan.redo');
    expect(commandOfKeyPress(press('?', { shiftKey: true }), false)?.id).toBe('help.shortcuts');
    expect(commandOfKeyPress(press('+'), false)?.id).toBe('zoom.in');
    expect(commandOfKeyPress(press('+', { shiftKey: true }), false)?.id).toBe('zoom.in');
  });

  test('with the other system’s modifier, or with Alt, is none', () => {
    expect(commandOfKeyPress(press('o', { metaKey: true }), false)).toBeNull();
    expect(commandOfKeyPress(press('o', { ctrlKey: true }), true)).toBeNull();
    expect(commandOfKeyPress(press('h', { altKey: true }), false)).toBeNull();
    expect(commandOfKeyPress(press('h', { ctrlKey: true }), false)).toBeNull();
    expect(commandOfKeyPress(press('x'), false)).toBeNull();
  });
});

test('a shortcut reads as the system writes it', () => {
  expect(shortcutLabel('Mod+Shift+O', false)).toBe('Ctrl+Shift+O');
  expect(shortcutLabel('Mod+Shift+O', true)).toBe('⇧⌘O');
  expect(shortcutLabel('+', false)).toBe('+');
  expect(shortcutLabel('PageUp', false)).toBe('Page Up');
});

test('a command is possible when all it needs holds', () => {
  const exportCsv = COMMANDS.find(({ id }) => id === 'export.csv');
  expect(isEnabled(exportCsv!, new Set(['analysis']))).toBe(false);
  expect(isEnabled(exportCsv!, new Set(['analysis', 'analyse-place', 'image']))).toBe(true);
});
