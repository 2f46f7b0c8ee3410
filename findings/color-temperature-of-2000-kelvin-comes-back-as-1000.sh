#!/usr/bin/env bash
# color-temperature turns 2000 kelvin into a colour, and that colour into 1000 kelvin.
#
# Package: color-temperature 0.2.7. Any Node from 20.
#
# Expected: the documentation offers both directions and an accuracy that is best from 1000 to 40,000 kelvin; above 2040 kelvin the way back is within 5
# %.
# Seen: the way back compares red with blue only. From 1000 to 2040 kelvin blue is 0 in all of these colours, so the search ends at its lowest
# temperature, 1000, though green grows from 58 to 141.
# Why it matters: lamps, candles and sunsets, and the white balance of their photos, lie there; the answer jumps from 1000 to 2046 between two
# neighbouring colours.
# Output seen: 1500, 1900, 2000 kelvin: 1000; 2050: 2046; 2500: 2495; 6500: 6473.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund color-temperature@0.2.7

cat > probe.cjs <<'EOF'
const { colorTemperature2rgb, rgb2colorTemperature } = require('color-temperature');

console.log('color-temperature', require('color-temperature/package.json').version);
const back = (kelvin) => {
  const colour = colorTemperature2rgb(kelvin);
  const again = rgb2colorTemperature(colour);
  console.log(`${kelvin} K: red ${colour.red}, green ${colour.green}, blue ${colour.blue}, back ${again} K`);
  return again;
};
const low = [1500, 1900, 2000].map(back);
const high = [2050, 2500, 6500];
const greens = new Set([1500, 1900, 2000].map((kelvin) => colorTemperature2rgb(kelvin).green));
if (high.some((kelvin) => Math.abs(back(kelvin) / kelvin - 1) > 0.05)) throw new Error('higher temperatures are not what this probe expects');
if (greens.size !== 3) throw new Error('the colours of low temperatures are not different');
if (low.some((kelvin) => kelvin !== 1000)) {
  console.error('The behaviour has changed: low temperatures come back.');
  process.exit(1);
}
console.log('Still so: everything below 2040 kelvin is 1000 kelvin.');
EOF
node probe.cjs
