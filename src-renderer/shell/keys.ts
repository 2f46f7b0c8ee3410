import { commandOfKeyPress } from '../../src-shared/commands.ts';
import type { AppState } from '../app.svelte.ts';

/** Performs the command of a key press, except where the key writes text or a dialog is open. */
export function handleKeys(app: AppState): () => void {
  const pressed = (event: KeyboardEvent) => {
    if (event.defaultPrevented || writesText(event.target) || document.querySelector('dialog[open], :popover-open'))
      return;
    const command = commandOfKeyPress(event, isMac());
    if (command && app.perform(command.id)) event.preventDefault();
  };
  addEventListener('keydown', pressed);
  return () => removeEventListener('keydown', pressed);
}

/** What a table has for a pressed key, which then does nothing else. */
export function takenFrom<Value>(table: Readonly<Record<string, Value>>, event: KeyboardEvent): Value | undefined {
  const value = table[event.key];
  if (value === undefined) return undefined;
  event.preventDefault();
  event.stopPropagation();
  return value;
}

/** The page's own system decides which keys a person has, also when the machine side runs elsewhere. */
export function isMac(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.userAgent);
}

function writesText(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return ['text', 'number', 'search'].includes(target.type);
  return target instanceof HTMLTextAreaElement;
}
