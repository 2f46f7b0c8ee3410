#!/usr/bin/env bash
# Where a picture has no background, SciPy's distance_transform_edt measures the distance to a point outside it, above its first column.
#
# Package: Debian 12's python3-scipy 1.10.1 (installed with apt-get where it is missing, which needs root).
#
# Expected: the distance to the nearest zero; without a zero infinity, or an error, or at least a mark that is no distance.
# Seen: 3 x 4 ones have distances from 1 at the top left to 4.24 at the bottom right: those to the place (-1, 0), which return_indices names as the nearest
# background. The other two transforms in the same module mark it: distance_transform_cdt with -1, distance_transform_bf with 1.3e154.
# Why it matters: maps in which every region is kept, or every pixel is wrong, come up at the end of each sweep. Their distances are plausible, small and
# lopsided, and a mean over maps takes them in.
# Output seen: edt 1, 1.41, 2.24, 3.16 in the first row, 3 to 4.24 in the last; nearest background -1, 0; cdt -1; bf 1.34e+154.
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

print("scipy", scipy.__version__)
ones = np.ones((3, 4))
exact, nearest = ndimage.distance_transform_edt(ones, return_indices=True)
chamfer = ndimage.distance_transform_cdt(ones)
brute = ndimage.distance_transform_bf(ones)
print("edt:", exact.round(2).tolist())
print("nearest background of all places:", np.unique(nearest.reshape(2, -1), axis=1).T.tolist())
print("cdt:", np.unique(chamfer).tolist(), "bf:", np.unique(brute).tolist())
one = ones.copy()
one[0, 0] = 0
if not np.allclose(ndimage.distance_transform_edt(one)[2, 3], np.hypot(2, 3)):
    sys.exit("a picture with background is not what this probe expects")
rows, columns = np.indices(ones.shape)
if not np.allclose(exact, np.hypot(rows + 1, columns)) or not (chamfer == -1).all() or brute.min() < 1e100:
    sys.exit("The behaviour has changed: without background there is no distance to a place outside.")
print("Still so: the distance is that to a place outside the picture.")
EOF
/usr/bin/python3 probe.py
