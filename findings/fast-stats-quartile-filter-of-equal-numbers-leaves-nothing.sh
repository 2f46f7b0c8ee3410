#!/usr/bin/env bash
# iqr() of fast-stats, which removes outliers, removes every number when most of them are equal.
#
# Package: fast-stats 0.0.7. Any Node from 20.
#
# Expected: numbers farther than 1.5 interquartile ranges from the quartiles are outliers. Of 5, 5, 5, 5, 9 that is 9; four fives alone have none.
# Seen: limits themselves count as outside. When the quartiles are equal, both limits are that number, so all of the fives are dropped, and their 9 too:
# nothing is left, and its mean is NaN. With 5, 5, 5, 5.001 and 9 the numbers up to 5.001 are kept and 9 is dropped.
# Why it matters: durations in whole milliseconds, bit widths and counts are mostly equal; the steadier a measurement, the likelier is a mean of NaN or an
# empty plot.
# Output seen: 5, 5, 5, 5, 9: 0 left, mean NaN; 5, 5, 5, 5: 0 left; 4, 5, 5, 6, 40: 4 left, mean 5.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund fast-stats@0.0.7

cat > probe.cjs <<'EOF'
const { Stats } = require('fast-stats');

console.log('fast-stats', require('fast-stats/package.json').version);
/** Numbers within 1.5 interquartile ranges of the quartiles, limits included; quartiles as fast-stats has them. */
const kept = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (share) => {
    const place = (sorted.length - 1) * share;
    return (sorted[Math.floor(place)] + sorted[Math.ceil(place)]) / 2;
  };
  const range = 1.5 * (at(0.75) - at(0.25));
  return sorted.filter((x) => x >= at(0.25) - range && x <= at(0.75) + range).length;
};
const left = (numbers) => {
  const filtered = new Stats().push(numbers).iqr();
  console.log(`${numbers.join(', ')}: ${filtered.length} left (right: ${kept(numbers)}), mean ${filtered.amean()}`);
  return filtered.length;
};
const mostly = left([5, 5, 5, 5, 9]);
const all = left([5, 5, 5, 5]);
const spread = left([4, 5, 5, 6, 40]);
if (spread !== kept([4, 5, 5, 6, 40]) || spread !== 4) throw new Error('numbers with a spread are not filtered as this probe expects');
if (mostly !== 0 || all !== 0) {
  console.error('The behaviour has changed: equal numbers are kept.');
  process.exit(1);
}
console.log('Still so: the filter against outliers removes everything.');
EOF
node probe.cjs
