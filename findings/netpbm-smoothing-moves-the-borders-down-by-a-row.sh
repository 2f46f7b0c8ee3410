#!/usr/bin/env bash
# pnmsmooth moves the first and last column of a picture down: rows of 10, 20, 30, 40 ... become 10, 20, 20, 30 ... at both borders.
#
# Package: Debian 12's netpbm 11.01.00 (installed with apt-get where it is missing, which needs root).
#
# Expected: "At the edges of the convolved image, where the convolution matrix would extend over the edge of the image, pnmconvol just copies the input
# pixels directly to the output" (manual of pnmconvol, which pnmsmooth runs).
# Seen: what is copied to both sides are the pixels of the row above: from the third row on with the default 3 x 3, from the fourth with 5 x 5, and from
# the second with 3 x 1, where even 0, 1, 0, which leaves everything as it is, moves them. With unequal weights of three rows, or with a single
# column, the borders are right; the inside always is.
# Why it matters: a horizontal edge has a notch at both sides of the picture, and a mask smoothed in tiles has one at every seam.
# Output seen: pnmsmooth 10 20 20 30 40 60 in the first column of 10 to 60 (the last row is a copy); 3 x 1 10 10 20 30 40 50; unequal 3 x 3 10 20 30 40 50 60.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s netpbm > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq netpbm > /dev/null; }

{ echo P2 6 6 255; for row in 10 20 30 40 50 60; do echo $row $row $row $row $row $row; done; } > rows.pgm
# The chosen column of what comes from the standard input.
column() { pnmtoplainpnm | tail -n +4 | awk -v column="$1" '{ printf "%s%s", between, $column; between = " " }'; }
smooth=$(pnmsmooth rows.pgm 2> /dev/null | column 1)
last=$(pnmsmooth rows.pgm 2> /dev/null | column 6)
inside=$(pnmsmooth rows.pgm 2> /dev/null | column 3)
same=$(pnmconvol -matrix=0,1,0 rows.pgm 2> /dev/null | column 1)
unequal=$(pnmconvol '-matrix=0,0,0;0,1,0;0,0,0' rows.pgm 2> /dev/null | column 1)
pnmsmooth --version 2>&1 | sed -n 1p
echo "pnmsmooth: first column $smooth, third $inside, last $last"
echo "pnmconvol 0, 1, 0: first column $same; the same as 3 x 3: $unequal"
if [[ $inside != '10 20 30 40 50 60' || $unequal != "$inside" ]]; then
  echo 'the inside is not what this probe expects'
  exit 1
fi
if [[ $smooth == "$inside" || $same == "$inside" ]]; then
  echo 'The behaviour has changed: the borders are copied from where they are.'
  exit 1
fi
echo 'Still so: the borders are those of the row above.'
