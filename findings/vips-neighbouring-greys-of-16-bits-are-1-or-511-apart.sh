#!/usr/bin/env bash
# libvips turns the greys 1, 2, 3, 4 of 8 bits into 511, 512, 1023, 1024 of 16 bits: the steps between neighbours are 1 and 511 in turn.
#
# Package: Debian 12's libvips-tools 8.14.1 (installed with apt-get where it is missing, which needs root).
#
# Expected: white becomes white and all steps are equal, 257, so that 1, 2, 3, 4 are 257, 514, 771, 1028. That is what the same command does from
# black-and-white to grey16, and what PNG and TIFF readers do.
# Seen: on the way from srgb to rgb16 the byte is shifted up and its lowest bit is repeated eight times below it: even levels get 0 and odd ones 255.
# White and black are right, and the way back drops the lower byte, so nothing shows there and back.
# Why it matters: a ramp becomes stairs of two levels: its gradient is 1 or 511, its second derivative never 0, and half of its levels cannot be told
# apart after smoothing. Programs on libvips convert this way before they resize or save 16 bits.
# Output seen: by way of rgb16 1: 511, 2: 512, 3: 1023, 4: 1024, 255: 65535; by way of grey16 257, 514, 771, 1028, 65535.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s libvips-tools > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq libvips-tools > /dev/null; }

cat > probe.sh <<'EOF'
vips --version
vips identity ramp.v # 256 pixels, 0 to 255, one band of bytes
vips bandjoin "ramp.v ramp.v ramp.v" joined.v
vips copy joined.v colour.v --interpretation srgb
vips colourspace colour.v sixteen.v rgb16
vips extract_band sixteen.v red.v 0
vips copy red.v red.csv
vips copy ramp.v plain.v --interpretation b-w
vips colourspace plain.v grey.v grey16
vips copy grey.v grey.csv
# The pixels 1, 2, 3, 4 and 255 of a table of one row.
pixels() { tr '\t' ' ' < "$1" | cut -d ' ' -f 2-5,256; }
red=$(pixels red.csv)
grey=$(pixels grey.csv)
right=$(for level in 1 2 3 4 255; do echo $((level * 257)); done | paste -sd ' ')
echo "1, 2, 3, 4, 255 as rgb16: $red; as grey16: $grey; equal steps: $right"
if [ "$grey" != "$right" ]; then
  echo "grey16 is not what this probe expects."
  exit 1
fi
if [ "$red" != "511 512 1023 1024 65535" ]; then
  echo "The behaviour has changed: the steps are equal."
  exit 1
fi
echo "Still so: the steps are 1 and 511."
EOF
bash probe.sh
