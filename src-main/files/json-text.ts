/** Parses the text of a JSON file; some editors begin a file with a byte-order mark. @throws SyntaxError */
export function parseJsonText(text: string): unknown {
  return JSON.parse(text.replace(/^\uFEFF/, ''));
}
