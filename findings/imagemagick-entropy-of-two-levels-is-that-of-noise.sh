#!/usr/bin/env bash
# The entropy that ImageMagick 6 gives a picture is relative to the levels that occur: half black, half white is 1, and so are 256 levels.
#
# Package: Debian 12's imagemagick 6.9.11.60 (installed with apt-get where it is missing, which needs root).
#
# Expected: entropy in bits, 1 for two equally frequent levels and 8 for 256 of them, or that divided by 8, the most a byte can have. The
# documentation of the escape %[entropy] says that it is the entropy of the picture.
# Seen: it is 1 for two levels, for 16 and for 256. It is divided by the logarithm of the number of levels that occur in this very picture, so
# one more level lowers it: two levels have 1, and one pixel in 256 of a third level makes it 0.652.
# Why it matters: entropy ranks pictures and regions by how much they hold, to choose where bits can be saved. By this number a black and white
# drawing holds as much as noise, and adding detail to it makes it simpler.
# Output seen: 2, 16 and 256 equal levels 1, 1, 1; two levels and a single pixel of a third 0.651723.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s imagemagick > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq imagemagick > /dev/null; }
echo "imagemagick $(dpkg-query -W -f '${Version}' imagemagick)"

# The entropy of a picture of 16 x 16 grey levels, read from standard input.
entropy() { { printf 'P2\n16 16\n255\n'; cat; } > picture.pgm && identify -format '%[entropy]' picture.pgm; }
levels() { for i in $(seq 0 255); do echo $((i % $1 * 255 / ($1 - 1))); done; }

two=$(levels 2 | entropy)
sixteen=$(levels 16 | entropy)
all=$(levels 256 | entropy)
third=$(levels 2 | sed '1s/.*/128/' | entropy)
echo "2 levels: $two (1 bit), 16 levels: $sixteen (4 bits), 256 levels: $all (8 bits)"
echo "2 levels and a single pixel of a third: $third (1.033 bits)"
near() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a - b < 0.001 && b - a < 0.001) }'; }
if ! near "$two" 1 || ! near "$sixteen" 1 || ! near "$all" 1 || ! near "$third" 0.651723; then
  echo "The behaviour has changed: the entropy depends on the number of levels."
  exit 1
fi
echo "Still so: two levels have the entropy of 256."
