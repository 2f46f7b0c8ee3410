#!/usr/bin/env bash
# Stretched by rescale_intensity, the largest of 0, 5 and 10 becomes -9223372036854775808, and with unsigned integers 0.
#
# Package: Debian 12's python3-skimage 0.19.3 (installed with apt-get where it is missing, which needs root).
#
# Expected: "stretching or shrinking its intensity levels": the smallest number of the image becomes 0 and the largest the end of the range of its type.
# Seen: for the integers of NumPy's default type 0, 5, 10 become 0, 4611686018427387904, -9223372036854775808: the end of the range is no double, is
# rounded up, and wraps on the way back. Unsigned ones of 64 bits wrap to 0. Integers of 8, 16 and 32 bits, whose ends are exact, are right.
# Why it matters: sums, histograms and counts of bits are integers of 64 bits, and the brightest pixel of their picture is the darkest.
# Output seen: int64 0, 4611686018427387904, -9223372036854775808; uint64 0, 9223372036854775808, 0; int32 0, 1073741823, 2147483647.
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
from skimage import exposure

warnings.filterwarnings("ignore")
print("scikit-image", skimage.__version__)
seen = {}
for name in ("uint8", "uint16", "int32", "int64", "uint64"):
    seen[name] = exposure.rescale_intensity(np.array([0, 5, 10], name)).tolist()
    print(f"{name}: {seen[name]}")
if any(seen[name][2] != np.iinfo(name).max for name in ("uint8", "uint16", "int32")):
    sys.exit("the short integers are not what this probe expects")
if seen["int64"][2] >= seen["int64"][1] or seen["uint64"][2] >= seen["uint64"][1]:
    sys.exit("The behaviour has changed: the largest number stays the largest.")
print("Still so: the largest integer of 64 bits becomes the smallest.")
EOF
/usr/bin/python3 probe.py
