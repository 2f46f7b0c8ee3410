#!/usr/bin/env bash
# In image-js an edge of 64 or 128 grey levels has the Sobel gradient 0, one of 50 has 200 and one of 200 has 32.
#
# Package: image-js 1.7.0. Any Node from 20.
#
# Expected: a steeper edge has a larger gradient, up to 255, at which it stays, as with one kernel.
# Seen: derivativeFilter(), and gradientFilter() with two kernels, put the length of the gradient into an image of bytes without limiting it: 4 x 64 = 256
# is 0, 800 is 32. With kernelX alone the same step is 255. Scharr, four times as large, wraps from steps of 16 on. Images of 16 bits become bytes too.
# Why it matters: edges say which regions matter; the strongest of a photograph are dark lines or holes in the map, in no order at all.
# Output seen: steps 10, 50, 63, 64, 128, 200: both kernels 40, 200, 252, 0, 0, 32; one kernel 40, 200, 252, 255, 255, 255.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund image-js@1.7.0

cat > probe.js <<'EOF'
import { readFileSync } from 'node:fs';
import { Image } from 'image-js';

console.log('image-js', JSON.parse(readFileSync('node_modules/image-js/package.json', 'utf8')).version);
const sobel = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]];
const turned = sobel.map((_, i) => sobel.map((row) => row[i]));
const steps = [10, 50, 63, 64, 128, 200];
/** The gradient beside the step from 0 to the given level, in the middle row. */
const beside = (step, filter) => {
  const image = new Image(6, 5, { colorModel: 'GREY', data: Uint8Array.from({ length: 30 }, (_, i) => (i % 6 < 3 ? 0 : step)) });
  return filter(image).getRawImage().data[2 * 6 + 2];
};
const one = steps.map((step) => beside(step, (image) => image.gradientFilter({ kernelX: sobel })));
const both = steps.map((step) => beside(step, (image) => image.gradientFilter({ kernelX: sobel, kernelY: turned })));
const named = steps.map((step) => beside(step, (image) => image.derivativeFilter({ filter: 'sobel' })));
console.log(`steps of         ${steps.join(', ')}`);
console.log(`one kernel       ${one.join(', ')}`);
console.log(`both kernels     ${both.join(', ')}`);
console.log(`derivativeFilter ${named.join(', ')}`);
if (one.join() !== '40,200,252,255,255,255') throw new Error('one kernel is not what this probe expects');
if (both.join() !== '40,200,252,0,0,32' || named.join() !== both.join()) {
  console.error('The behaviour has changed: a steeper edge has a larger gradient.');
  process.exit(1);
}
console.log('Still so: steep edges wrap.');
EOF
node probe.js
