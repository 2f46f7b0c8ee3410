/** How much larger than 16 pixels the page's type is: charts drawn in pixels grow with it. */
export function rootScale(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
}
