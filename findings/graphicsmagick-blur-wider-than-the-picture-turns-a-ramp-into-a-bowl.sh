#!/usr/bin/env bash
# GraphicsMagick blurs a ramp of 13 pixels from black to 200 into a symmetric bowl, brightest at the black end, if the blur is wider than the picture.
#
# Package: Debian 12's graphicsmagick 1.3.40 (installed with apt-get where it is missing, which needs root).
#
# Expected: a blur is a weighted mean of neighbours; a ramp stays a ramp, only flatter, and its middle stays what it is. So it is with -blur 0x1.
# Seen: with 0x3, for which more than 13 weights are used, 0 to 200 becomes 164 at both ends and 96 in the middle. With 5 x 5 pixels 0x2 gives 12, 9, 9,
# 9, 12 and 0x3 is nearly black. A plain picture keeps its grey, so that nothing is noticed in a test with one.
# Why it matters: the maps of a network's last layers have 13, 7 or 6 positions a side, and are blurred before they are shown or compared; what comes out
# is unrelated to them. -unsharp is made of the same blur.
# Output seen: 13 pixels: 0x1 8 to 190, 99 in the middle; 0x3 164 134 116 106 100 97 96 97 100 106 116 134 164; 5 pixels, 0x2: 12 9 9 9 12.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s graphicsmagick > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq graphicsmagick > /dev/null; }
gm version | head -1

# A square of the given side whose rows rise evenly from 0 to 200.
ramp() {
  awk -v n="$1" 'BEGIN {
    printf("P2\n%d %d\n255\n", n, n)
    for (y = 0; y < n; y++) { for (x = 0; x < n; x++) printf("%d ", int(x * 200 / (n - 1))); print "" }
  }' > ramp.pgm
}
# The first row of it after a blur.
blurred() {
  ramp "$1"
  gm convert ramp.pgm -blur "$2" -depth 8 gray:row.raw
  head -c "$1" row.raw | od -An -v -t u1 -w"$1" | awk '{ $1 = $1; print }'
}
narrow=$(blurred 13 0x1)
wide=$(blurred 13 0x3)
small=$(blurred 5 0x2)
echo "13 pixels from 0 to 200, -blur 0x1: $narrow"
echo "13 pixels from 0 to 200, -blur 0x3: $wide"
echo "5 pixels from 0 to 200, -blur 0x2:  $small"
if [ "$(echo "$narrow" | awk '{ rising = 1; for (i = 2; i <= NF; i++) if ($i <= $(i - 1)) rising = 0; print rising, $7 }')" != "1 99" ]; then
  echo "The narrow blur is not what this probe expects."
  exit 1
fi
if [ "$(echo "$wide" | awk '{ print ($1 > $7), ($1 == $13) }')" != "1 1" ] || [ "$(echo "$small" | awk '{ print ($5 < 50) }')" != 1 ]; then
  echo "The behaviour has changed: a blurred ramp is a ramp."
  exit 1
fi
echo "Still so: a blurred ramp is a bowl."
