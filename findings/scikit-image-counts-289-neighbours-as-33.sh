#!/usr/bin/env bash
# rank.pop, the number of pixels under a footprint, is 33 for one of 17 x 17 pixels, and for 16 x 16 it is 0.
#
# Package: Debian 12's python3-skimage 0.19.3 (installed with apt-get where it is missing, which needs root).
#
# Expected: "the number of pixels which are included in the footprint and the mask": 289 inside the picture, fewer at its edges.
# Seen: the output has the type of the image, bytes, and wraps modulo 256 without a warning. Towards the middle of the picture the count climbs to 255 and
# falls to 0. With an image of 16 bits it is 289. The documentation of rank.sum says that it may overflow; that of rank.pop does not.
# Why it matters: pop is what a sum or a mean with a mask is divided by at the edges. From 16 x 16 on, it is a wrong and plausible divisor, or zero.
# Output seen: 15 x 15: 225; 16 x 16: 0; 17 x 17: 33 in the middle, 153 at an edge; of 16 bits: 289.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-skimage > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-skimage > /dev/null; }

cat > probe.py <<'EOF'
import sys
import warnings

import numpy as np
import skimage
from skimage.filters import rank

warnings.filterwarnings("ignore")

def count(size, kind=np.uint8):
    return rank.pop(np.ones((41, 41), kind), np.ones((size, size), np.uint8))[20, 20].item()

edge = rank.pop(np.ones((41, 41), np.uint8), np.ones((17, 17), np.uint8))[20, 0].item()
seen = {size: count(size) for size in (3, 15, 16, 17)}
wide = count(17, np.uint16)
print("scikit-image", skimage.__version__)
for size, pixels in seen.items():
    print(f"{size} x {size}: {pixels} pixels")
print(f"17 x 17 at the edge: {edge}; with an image of 16 bits in the middle: {wide}")
if seen[3] != 9 or seen[15] != 225 or edge != 153 or wide != 289:
    sys.exit("the other counts are not what this probe expects")
if seen[16] != 0 or seen[17] != 33:
    sys.exit("The behaviour has changed: 289 pixels are 289.")
print("Still so: the number of pixels wraps at 256.")
EOF
/usr/bin/python3 probe.py
