/** `1 image`, `3 images`. */
export function count(items: number, name: string): string {
  return `${items} ${items === 1 ? name : `${name}s`}`;
}
