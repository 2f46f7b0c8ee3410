const FOCUSABLE =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), summary, [tabindex="0"]';

/**
 * Keeps the focus in the page where what had it vanishes (an image that is removed, a card that is answered): what stands in its place
 * gets it, the chosen one of a list first, so that the keyboard goes on from there. Returns what ends it.
 */
export function keepFocus(): () => void {
  let last: readonly HTMLElement[] = [];
  const focused = ({ target }: FocusEvent) => {
    if (target instanceof HTMLElement) last = ancestry(target);
  };
  const mend = () => {
    const [element] = last;
    if (!element || document.activeElement !== document.body || canHaveFocus(element)) return;
    const left = last.find((ancestor) => ancestor !== element && ancestor.isConnected && heirOf(ancestor));
    last = [];
    if (left) heirOf(left)?.focus();
  };
  const observer = new MutationObserver(mend);
  addEventListener('focusin', focused);
  observer.observe(document.body, {
    subtree: true,
    childList: true,
    attributeFilter: ['disabled', 'hidden', 'style', 'open'],
  });
  // Who presses beside everything wants the focus to be nowhere.
  const pressed = () => (last = []);
  addEventListener('pointerdown', pressed);
  return () => {
    observer.disconnect();
    removeEventListener('focusin', focused);
    removeEventListener('pointerdown', pressed);
  };
}

/** The element, then those around it, from the inside. */
function ancestry(element: HTMLElement): readonly HTMLElement[] {
  const around = element.parentElement;
  return around && around !== document.body ? [element, ...ancestry(around)] : [element];
}

function canHaveFocus(element: HTMLElement): boolean {
  return element.isConnected && !element.matches(':disabled') && element.checkVisibility({ visibilityProperty: true });
}

function heirOf(around: HTMLElement): HTMLElement | undefined {
  const all = [...around.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(canHaveFocus);
  return all.find((element) => element.matches('[aria-current=true]')) ?? all[0];
}
