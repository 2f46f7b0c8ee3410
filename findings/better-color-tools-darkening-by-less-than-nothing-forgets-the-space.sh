#!/usr/bin/env bash
# better-color-tools darkens by -0.5 in Oklab, whatever colour space it is told to use.
#
# Package: better-color-tools 0.12.3. Any Node from 20.
#
# Expected: of darken "1 = make fully black, 0 = original color, -1 = make fully white", of lighten the reverse (types): darken(color, -x, space) is
# lighten(color, x, space).
# Seen: for an amount below 0 each calls the other without the space, which is Oklab by default. In sRGB #800000 darkened by -0.5 is #c6897f and
# lightened by 0.5 #c08080. Above 0 the space is kept.
# Why it matters: a scale that runs from dark to light through 0 changes its colour space in the middle, by up to 61 levels and with another hue.
# Output seen: #800000, darken by -0.5 and lighten by 0.5: oklab #c6897f, #c6897f; sRGB #c6897f, #c08080; linearRGB #c6897f, #cdbcbc.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund better-color-tools@0.12.3

cat > probe.mjs <<'EOF'
import { readFileSync } from 'node:fs';
import { darken, lighten } from 'better-color-tools';

console.log('better-color-tools', JSON.parse(readFileSync('node_modules/better-color-tools/package.json', 'utf8')).version);
const both = (space) => {
  const seen = [darken('#800000', -0.5, space).hex, lighten('#800000', 0.5, space).hex];
  console.log(`#800000 in ${space}: darkened by -0.5 ${seen[0]}, lightened by 0.5 ${seen[1]}`);
  return seen;
};
const oklab = both('oklab');
const srgb = both('sRGB');
const linear = both('linearRGB');
if (oklab[0] !== oklab[1] || srgb[1] === oklab[1] || linear[1] === oklab[1]) throw new Error('lightening is not what this probe expects');
if (srgb[0] !== oklab[0] || linear[0] !== oklab[0]) {
  console.error('The behaviour has changed: darkening by less than nothing keeps the space.');
  process.exit(1);
}
console.log('Still so: darkening by less than nothing forgets the space.');
EOF
node probe.mjs
