#!/usr/bin/env bash
# Jenks' natural breaks of geostats forget the largest number: 100 of 1, 2, 3, 50, 51, 52, 100 shares a class with 50.
#
# Package: geostats 2.1.0. Any Node from 20.
#
# Expected: natural breaks are the classes with the least sum of squared distances from their means. For two groups of three and a single 100 in three
# classes that is 1 to 3, 50 to 52 and 100, so the bounds are 1, 3, 52, 100.
# Seen: the bounds are 1, 1, 3, 100. They are read from the row of the table that belongs to all numbers but the last; a class is spent on the first
# number alone, and 50 to 100 are one. getClassJenks2, the older method of the same library, is right. Where the last number is no group of its own the
# bounds may agree.
# Why it matters: an activation map or a histogram of errors has its few largest values in a group of their own, which is what natural breaks are chosen
# to show.
# Output seen: getClassJenks 1, 1, 3, 100 with 1803.25; getClassJenks2 1, 3, 52, 100 with 4 as the sum of squares.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund geostats@2.1.0

cat > probe.cjs <<'EOF'
const Geostats = require('geostats');

console.log('geostats', require('geostats/package.json').version);
const numbers = [1, 2, 3, 50, 51, 52, 100];
/** Squared distances from the means of the classes, whose upper bounds belong to them. */
const squares = (bounds) => {
  const classes = bounds.slice(1).map(() => []);
  for (const x of numbers) classes[bounds.slice(1).findIndex((upper) => x <= upper)].push(x);
  return classes.reduce((total, members) => {
    const mean = members.reduce((a, b) => a + b, 0) / members.length;
    return total + members.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  }, 0);
};
/** The best of all ways to cut seven sorted numbers into three. */
let best = Infinity;
for (let i = 0; i < 5; i++) for (let j = i + 1; j < 6; j++) best = Math.min(best, squares([1, numbers[i], numbers[j], 100]));
const newer = new Geostats([...numbers]).getClassJenks(3);
const older = new Geostats([...numbers]).getClassJenks2(3);
console.log(`getClassJenks ${newer.join(', ')}: ${squares(newer)}; getClassJenks2 ${older.join(', ')}: ${squares(older)}; least ${best}`);
if (squares(older) !== best || best !== 4) throw new Error('the older method is not what this probe expects');
if (newer.join() !== '1,1,3,100') {
  console.error('The behaviour has changed: the last number counts.');
  process.exit(1);
}
console.log('Still so: the largest number is not seen.');
EOF
node probe.cjs
