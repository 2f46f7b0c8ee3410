#!/usr/bin/env bash
# FFmpeg 5.1 converts a grey picture to float RGB (gbrpf32) as green: black is green 0.53, red 0, blue 0, and mid grey is saturated green.
#
# Package: Debian 12's ffmpeg 5.1.9 (installed with apt-get where it is missing, which needs root).
#
# Expected: grey has equal parts of red, green and blue; 0 is 0, and 255 is 1.
# Seen: the levels 0, 128 and 255 become green 0.529, 1, 1, with red and blue 0 for the first two. It looks like missing chroma read as 0 where
# 0.5 is neutral. 16-bit grey does the same. Grey to grayf32 is right, and grey by way of gbrp is, but for white, which is 0.996.
# Why it matters: gbrpf32 is what FFmpeg chooses for float RGB files, EXR and PFM, and what its filters for colour management and networks
# take. Depth maps, masks and grey photographs, X-rays for example, arrive green and clipped.
# Output seen: grey 0, 128, 255 to gbrpf32: green 0.529 1.000 1.000, blue 0.000 0.000 0.110, red 0.000 0.000 0.295; by way of gbrp equal.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s ffmpeg > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq ffmpeg > /dev/null; }
ffmpeg -version | head -1

# Three pixels, black, 128 and white, in each of two rows.
printf 'P5\n3 2\n255\n\000\200\377\000\200\377' > grey.pgm

# The three planes, green, blue and red, of the first row, after the conversions of $1.
planes() {
  ffmpeg -v error -y -i grey.pgm -vf "$1" -pix_fmt gbrpf32le -f rawvideo floats.raw
  od -An -v -t f4 -w24 floats.raw | awk '{ printf("%s%.3f %.3f %.3f", (NR > 1) ? "; " : "", $1, $2, $3) }'
}
direct=$(planes format=gbrpf32le)
detour=$(planes format=gbrp,format=gbrpf32le)
echo "green; blue; red of 0, 128, 255: $direct"
echo "by way of gbrp:                  $detour"
if [ "$detour" != "0.000 0.500 0.996; 0.000 0.500 0.996; 0.000 0.500 0.996" ]; then
  echo "By way of gbrp the planes are not what this probe expects."
  exit 1
fi
if [ "${direct%%;*}" != "0.529 1.000 1.000" ]; then
  echo "The behaviour has changed: grey is not green any more."
  exit 1
fi
echo "Still so: black becomes green."
