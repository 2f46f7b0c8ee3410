#!/usr/bin/env bash
# The median of two pixels of 200 is 128 in Octave, and that of 10, 20, 200, 210 is 110.
#
# Package: Debian 12's octave 7.3.0 (installed with apt-get where it is missing, which needs root).
#
# Expected: the median of an even number of values is the mean of the middle two; of 200 and 200 that is 200.
# Seen: the two are added in the type of the picture, which ends at 255, and then halved: 255 / 2 is 127.5, stored as 128. No median of an even number of
# bytes exceeds 128, of int8 64, of uint16 32768. An odd number of values is right, and so is quantile(..., 0.5), which says 254.5 of 254 and 255.
# Why it matters: medians of pictures, rows and windows have an even number of values more often than not. A bright picture's median is mid grey.
# Output seen: uint8 200, 200: 128; 254, 255: 128; 200, 200, 200: 200; int16 30000, 30002: 16384; double 200, 200: 200.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s octave > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq octave > /dev/null; }

cat > probe.m <<'EOF'
seen = [double(median(uint8([200 200]))), double(median(uint8([254 255]))), double(median(int16([30000 30002])))];
right = [double(median(uint8([200 200 200]))), median([200 200]), quantile(uint8([254 255]), 0.5)];
low = double(median(uint8([100 102])));
printf("octave %s\n", version);
printf("uint8 200, 200: %g; 254, 255: %g; int16 30000, 30002: %g; uint8 100, 102: %g\n", seen, low);
printf("uint8 200, 200, 200: %g; double 200, 200: %g; quantile of uint8 254, 255: %g\n", right);
if (! isequal(right, [200 200 254.5]) || low != 101)
  printf("The other medians are not what this probe expects.\n");
  exit(1);
end
if (! isequal(seen, [128 128 16384]))
  printf("The behaviour has changed: the median of 200 and 200 is 200.\n");
  exit(1);
end
printf("Still so: the median of bright pixels is half of white.\n");
EOF
octave-cli --no-init-file --quiet probe.m
