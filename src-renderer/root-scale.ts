/** How much larger than 16 pixels the page's type is: what is drawn in pixels grows with it. */
export function rootScale(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
}
