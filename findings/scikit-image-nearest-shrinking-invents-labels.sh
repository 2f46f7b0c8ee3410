#!/usr/bin/env bash
# Shrunk with order 0, nearest neighbour, a label map of 0 and 100 holds 10 and 99 in scikit-image 0.19.
#
# Package: Debian 12's python3-skimage 0.19.3 (installed with apt-get where it is missing, which needs root).
#
# Expected: order 0 is documented as nearest neighbour, which picks pixels, so a map of classes keeps its classes, and integers stay integers.
# Seen: halved, eight 0 and eight 100 become 0, 0, 0, 10, 99, 100, 100, 100: resize and rescale smooth by a Gaussian first whenever they shrink
# anything but booleans, which the documentation of anti_aliasing says, and for order 0 too, which it does not. Results of integers are
# then cut, not rounded, so that 99.97 is 99 and the edge is not even symmetric. Enlarging, booleans and anti_aliasing=False are right.
# Why it matters: masks with several classes are shrunk along with their pictures. Between classes 0 and 100 a border of others appears, and its
# width grows with the factor; mean intersection over union is counted on it.
# Output seen: uint8 0,0,0,10,99,100,100,100; with anti_aliasing=False 0,0,0,0,100,100,100,100.
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
from skimage import transform

warnings.filterwarnings("ignore")
labels = np.repeat([[0] * 8 + [100] * 8], 2, axis=0).astype(np.uint8)
half = (2, 8)

def row(array):
    return array[0].tolist()

smoothed = row(transform.resize(labels, half, order=0))
rescaled = row(transform.rescale(labels, (1, 0.5), order=0, preserve_range=True))
picked = row(transform.resize(labels, half, order=0, anti_aliasing=False))
larger = sorted(set(row(transform.resize(labels, (2, 32), order=0))))
print("scikit-image", skimage.__version__)
print("halved with order 0:            ", smoothed)
print("the same by rescale:            ", rescaled)
print("with anti_aliasing=False:       ", picked)
print("labels of the enlarged map:     ", larger)
if picked != [0] * 4 + [100] * 4 or larger != [0, 100]:
    sys.exit("without smoothing the labels are not what this probe expects")
if set(smoothed) == {0, 100} or smoothed != rescaled:
    sys.exit("The behaviour has changed: nearest neighbour keeps the labels.")
print("Still so: shrinking with order 0 makes labels that the map does not have.")
EOF
/usr/bin/python3 probe.py
