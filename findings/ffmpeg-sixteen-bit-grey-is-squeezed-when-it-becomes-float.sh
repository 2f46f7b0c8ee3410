#!/usr/bin/env bash
# FFmpeg turns 16-bit grey into floats of 0.06 to 0.92, and 8-bit grey into floats of 0 to 1; back again it is stretched.
#
# Package: Debian 12's ffmpeg 5.1.9 (installed with apt-get where it is missing, which needs root).
#
# Expected: black is 0 and white is 1, as for 8 bits; 16 bits say the same more finely.
# Seen: grey of 10, 12 and 16 bits is taken to be of full range and the float to be of video's limited range, so 0 becomes 16 / 256 and white 0.921. In the
# other direction 0.25 becomes 14,308 of 65,535, which is 0.218, and 0.5 becomes 33,384. To and from 8 bits both ends are right.
# Why it matters: depth maps, X-rays and dumped feature maps are 16-bit grey files, and grayf32 is what filters for networks and PFM files take. A range of
# 0.06 to 0.92 looks like a picture of low contrast, and every value is wrong but one near the middle.
# Output seen: 8 bits 0.000 0.251 0.502 1.000; 16 bits 0.063 0.277 0.492 0.921; floats 0, 0.25, 0.5, 1 to 16 bits 0 14308 33384 65531.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s ffmpeg > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq ffmpeg > /dev/null; }
ffmpeg -version | head -1

# A raw picture of four pixels in each of two rows is converted from one format to another; the first row of it is printed.
convert() {
  ffmpeg -v error -y -f rawvideo -pix_fmt "$1" -s 4x2 -i "$2" -pix_fmt "$3" -f rawvideo out.raw
  od -An -v -t "$4" -w"$5" out.raw | head -1 | awk -v form="$6" '{ for (i = 1; i <= NF; i++) printf("%s" form, (i > 1) ? " " : "", $i) }'
}
printf '\000\100\200\377\000\100\200\377' > grey8.raw
printf '\000\000\000\100\000\200\377\377\000\000\000\100\000\200\377\377' > grey16.raw
printf '\000\000\000\000\000\000\200\076\000\000\000\077\000\000\200\077\000\000\000\000\000\000\200\076\000\000\000\077\000\000\200\077' > floats.raw
eight=$(convert gray grey8.raw grayf32le f4 16 %.3f)
sixteen=$(convert gray16le grey16.raw grayf32le f4 16 %.3f)
down=$(convert grayf32le floats.raw gray u1 4 %d)
back=$(convert grayf32le floats.raw gray16le u2 8 %d)
echo "8 bits 0 64 128 255 to floats:             $eight"
echo "16 bits 0 16384 32768 65535 to floats:     $sixteen"
echo "floats 0 0.25 0.5 1 to 8 bits:             $down"
echo "floats 0 0.25 0.5 1 to 16 bits:            $back"
if [ "$eight" != "0.000 0.251 0.502 1.000" ] || [ "$down" != "0 64 128 255" ]; then
  echo "8 bits are not what this probe expects."
  exit 1
fi
if [ "$sixteen" != "0.063 0.277 0.492 0.921" ] || [ "${back%% 65*}" != "0 14308 33384" ]; then
  echo "The behaviour has changed: 16 bits keep their range."
  exit 1
fi
echo "Still so: 16 bits are squeezed, 8 are not."
