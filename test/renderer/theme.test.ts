import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const VIEW = join(import.meta.dirname, '..', '..', 'src-renderer');

function stylesOf(extensions: readonly string[]): string {
  return readdirSync(VIEW, { recursive: true, encoding: 'utf8' })
    .filter((file) => extensions.some((extension) => file.endsWith(extension)))
    .map((file) => readFileSync(join(VIEW, file), 'utf8'))
    .join('\n');
}

// What names none is drawn in the colour of whatever it lies in, without a word.
test('every custom property that a style asks for is given by one', () => {
  const styles = stylesOf(['.svelte', '.css', '.ts']);
  const given = new Set(Array.from(styles.matchAll(/(?<!var\()(--[a-z][a-z0-9-]*)(?=:|=|['"])/g), ([, name]) => name!));
  const asked = new Set(Array.from(styles.matchAll(/var\((--[a-z][a-z0-9-]*)/g), ([, name]) => name!));
  expect(asked.size).toBeGreaterThan(10);
  expect([...asked].filter((name) => !given.has(name))).toEqual([]);
});
