#!/usr/bin/env bash
# ImageStat of Pillow gives the float picture 0, 0.5, 1 the mean 127.3, and the picture 0, 100, 1000 the mean 93.3.
#
# Package: Debian 12's python3-pil 9.4.0 (installed with apt-get where it is missing, which needs root).
#
# Expected: ImageStat.Stat(picture).mean is the "average (arithmetic mean) pixel level": 0.5 and 366.7.
# Seen: the figures are made from a histogram of 256 bins. For modes F and I, and for 16 bits, its bins are the range of the picture cut into
# 256, and the number of a bin is taken for the level: smallest is always 0, largest always 255. So it is for the variance, the
# median and the root mean square; extrema, a few bytes on, are the true ones. Adding a constant changes nothing.
# Why it matters: brightness checks and normalisation constants of depth maps, activation maps and 16-bit pictures look like those of an 8-bit
# picture. Two pictures that differ by a factor have the same mean and deviation.
# Output seen: 0, 0.5, 1: 127.33; 0, 100, 1000: 93.33; 16 bits 0, 1000, 60000: 77.33 (right: 0.5, 366.67, 20333.33).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-pil > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-pil > /dev/null; }

cat > probe.py <<'EOF'
import sys

import numpy as np
import PIL
from PIL import Image, ImageStat

print("Pillow", PIL.__version__)
pictures = [
    np.array([[0, 0.5, 1]], dtype=np.float32),
    np.array([[0, 100, 1000]], dtype=np.float32),
    np.array([[5000, 5100, 6000]], dtype=np.float32),
    np.array([[0, 1000, 60000]], dtype=np.uint16),
    np.array([[0, 100, 200]], dtype=np.uint8),
]
seen = []
for numbers in pictures:
    stat = ImageStat.Stat(Image.fromarray(numbers))
    print(f"{numbers.dtype} {numbers[0].tolist()}: mean {stat.mean[0]:.2f}, right {numbers.mean():.2f}")
    seen.append(round(stat.mean[0], 2))
if seen[4] != 100:
    sys.exit("the mean of bytes is wrong too")
if seen[:4] != [127.33, 93.33, 93.33, 77.33]:
    sys.exit("The behaviour has changed: means of wider pixels are something else.")
print("Still so: the mean of anything but bytes is a mean of bin numbers.")
EOF
/usr/bin/python3 probe.py
