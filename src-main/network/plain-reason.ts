/** A source file and line, and the C++ signature behind it. */
const SIGNATURE =
  /\S*\.(?:cc|h|cpp):\d+ (?:[^()\n]*::[^()\n]*\((?:[^()]|\([^()]*\))*\)(?: \[with [^\]]*\])?(?: const)? |[A-Z]\w+ )?/g;

/** ONNX Runtime's own words without its error numbers, source files and C++ signatures. */
export function plainReason(error: unknown): string {
  const [line] = (error instanceof Error ? error.message : String(error)).split('\n');
  const plain = (line ?? '')
    .replace(/\[ONNXRuntimeError\] : \d+ : [A-Z_]+ : /g, '')
    .replace(/^Load model from .*? failed: ?/, '')
    .replace(SIGNATURE, '')
    .replace(/\[(?:ShapeInferenceError|TypeInferenceError)\] /g, '')
    .replace(/Exception (?:caught|during \w+): /g, '')
    .replace(/This is an invalid model\. (?:Error: )?/, '')
    .replace(
      /Non-zero status code returned while running (\w+) node\. Name:'([^']*)' Status Message: /,
      'node $2 ($1): ',
    )
    .replace(
      /In Node, \("([^"]*)", ([^,]*), "[^"]*", -?\d+\) : .*? -> \("([^"]*)".*?\) , (?:Error )?/,
      (_, name: string, op: string, output: string) => `node ${name || output} (${op}): `,
    )
    .trim();
  return plain === '' || /^unknown (?:error|exception)/i.test(plain)
    ? 'ONNX Runtime cannot load or run it, and does not say why'
    : plain;
}
