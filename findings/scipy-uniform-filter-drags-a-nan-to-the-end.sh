#!/usr/bin/env bash
# One NaN or infinity in a line makes everything behind it NaN in SciPy's uniform_filter, however far away.
#
# Package: Debian 12's python3-scipy 1.10.1 (installed with apt-get where it is missing, which needs root).
#
# Expected: a mean over three neighbours is NaN where one of the three is. gaussian_filter and convolve keep to that.
# Seen: uniform_filter of twelve numbers with a NaN in the fourth place is right for the first two and NaN for the ten others; an
# infinity in that place gives three infinities, as it should, and then NaN to the end. The sum is carried along the line, adding what enters
# the window and taking away what leaves it, and NaN less NaN is NaN. In a picture all that lies below and to the right is lost.
# Why it matters: local means and variances are made with it, in scikit-image's structural similarity too. One NaN for a missing pixel, common in
# depth and satellite pictures, costs most of the picture instead of a spot of 3 x 3, or nothing if it is in the last corner.
# Output seen: 12 numbers with a NaN: 10 are NaN, convolve 3; 20 x 20 pixels with a NaN at (5, 5): 256 of 400, convolve 9.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-scipy > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-scipy > /dev/null; }

cat > probe.py <<'EOF'
import sys

import numpy as np
import scipy
from scipy import ndimage

line = np.arange(12.0)
line[3] = np.nan
peak = np.arange(12.0)
peak[3] = np.inf
picture = np.ones((20, 20))
picture[5, 5] = np.nan

def lost(array):
    return int(np.isnan(array).sum())

carried = ndimage.uniform_filter(line, 3)
direct = ndimage.convolve1d(line, np.full(3, 1 / 3))
print("scipy", scipy.__version__)
print("uniform_filter:", carried.tolist())
print("convolve1d:    ", direct.tolist())
print("with infinity: ", ndimage.uniform_filter(peak, 3).tolist())
square = lost(ndimage.uniform_filter(picture, 3)), lost(ndimage.convolve(picture, np.full((3, 3), 1 / 9)))
print(f"a NaN in 20 x 20 pixels: {square[0]} of 400 are NaN, by convolve {square[1]}")
if lost(direct) != 3 or square[1] != 9:
    sys.exit("convolve is not what this probe expects")
if lost(carried) != 10 or lost(ndimage.uniform_filter(peak, 3)) != 7 or square[0] < 200:
    sys.exit("The behaviour has changed: a NaN keeps to its neighbours.")
print("Still so: a NaN wipes out the rest of its line.")
EOF
/usr/bin/python3 probe.py
