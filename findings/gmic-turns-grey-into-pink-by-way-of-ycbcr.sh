#!/usr/bin/env bash
# G'MIC turns a plain grey of 128 into 129.9, 128.5, 130.1 by way of YCbCr, and nearly every other colour too bright.
#
# Package: Debian 12's gmic 2.9.4 (installed with apt-get where it is missing, which needs root).
#
# Expected: pixels are floats, the conversions of BT.601 are linear, and there is nothing to round: rgb2ycbcr and ycbcr2rgb are inverses, as rgb2yuv and
# rgb2lab with theirs are.
# Seen: both ways are those of 8-bit integers, with 66 R + 129 G + 25 B + 128 over 256, where 128 is for rounding what is then cut to a whole number. Here
# nothing is cut, so all three are half a level too high, and red and blue come back 2 levels too bright, green half a level. Rounding the result does not
# remove it.
# Why it matters: a filter on luminance goes this way; it tints greys by 2 levels of 255, which a comparison before and after counts as its effect, and
# with every pass again.
# Output seen: 128, 128, 128: 129.93, 128.53, 130.14; 200, 100, 50: 201.76, 100.78, 52.44; by way of YUV 200.00, 100.00, 50.00.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s gmic > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq gmic > /dev/null; }

cat > probe.py <<'EOF'
import subprocess
import sys

def by_way_of(space, colour):
    pixel = "(" + "^".join(str(channel) for channel in colour) + ")"
    subprocess.run(["gmic", "-v", "-1", pixel, f"-rgb2{space}", f"-{space}2rgb", "-s", "c", "-o", "channel.csv"], check=True)
    back = [float(open(f"channel_{channel:06d}.csv").read().strip().strip(",")) for channel in range(3)]
    print(f"{colour} by way of {space}:", ", ".join(f"{channel:.2f}" for channel in back))
    return [after - before for after, before in zip(back, colour)]

print(subprocess.run(["dpkg-query", "-W", "gmic"], capture_output=True, text=True).stdout.strip())
grey = by_way_of("ycbcr", (128, 128, 128))
brown = by_way_of("ycbcr", (200, 100, 50))
for space in ("yuv", "lab"):
    if max(abs(error) for error in by_way_of(space, (200, 100, 50))) > 0.01:
        sys.exit(f"{space} is not what this probe expects")
if not all(error > 0.4 for error in grey + brown) or not grey[0] > 1.5 or not grey[2] > 1.5:
    sys.exit("The behaviour has changed: colours come back.")
print("Still so: colours come back brighter, and greys pink.")
EOF
/usr/bin/python3 probe.py
