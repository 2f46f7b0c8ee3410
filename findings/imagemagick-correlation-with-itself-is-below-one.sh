#!/usr/bin/env bash
# The normalised cross correlation that ImageMagick 6 gives a picture with itself is not 1 but 1 - 1/n for n pixels, and 0 for a plain one.
#
# Package: Debian 12's imagemagick 6.9.11.60 (installed with apt-get where it is missing, which needs root).
#
# Expected: `compare -metric NCC` is the normalised cross correlation, which is 1 for equal pictures, whatever their size.
# Seen: 2 x 2 pixels have 0.75 with themselves, 4 x 4 have 0.9375, 16 x 16 have 0.996094: the covariance is divided by n, the two standard
# deviations by n - 1. A plain picture has 0 with itself, the same as with anything else.
# Why it matters: crops, feature maps and icons are compared by this number. A threshold such as 0.99 rejects every map of up to 99 pixels, 7 x 7 ones
# for example, even when nothing has changed, and values of different sizes cannot be compared.
# Output seen: 0.75, 0.9375, 0.996094; plain 0; PSNR of all of them infinite.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s imagemagick > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq imagemagick > /dev/null; }
echo "imagemagick $(dpkg-query -W -f '${Version}' imagemagick)"

# A plain text PGM file of grey levels: side, then the levels.
picture() { printf 'P2\n%d %d\n255\n%s\n' "$1" "$1" "$2"; }
# compare answers 1 where pictures differ, and writes its number to the error output.
metric() { compare -metric "$1" "$2" "$2" null: 2>&1 || true; }

picture 2 "$(seq 0 80 240)" > two.pgm
picture 4 "$(seq 0 16 240)" > four.pgm
picture 16 "$(seq 0 255)" > sixteen.pgm
picture 4 "$(for _ in $(seq 16); do echo 100; done)" > plain.pgm
seen=""
for name in two four sixteen plain; do
  echo "$name with itself: NCC $(metric NCC $name.pgm), PSNR $(metric PSNR $name.pgm)"
  seen="$seen $(metric NCC $name.pgm)"
  [ "$(metric PSNR $name.pgm)" = inf ] || { echo "a picture differs from itself by its PSNR"; exit 1; }
done
if [ "$seen" != " 0.75 0.9375 0.996094 0" ]; then
  echo "The behaviour has changed: the correlations are$seen."
  exit 1
fi
echo "Still so: a picture of n pixels correlates with itself by 1 - 1/n."
