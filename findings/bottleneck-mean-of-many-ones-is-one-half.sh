#!/usr/bin/env bash
# The mean of 2^25 float32 ones is 0.5 in bottleneck, and their standard deviation 0.35.
#
# Package: Debian 12's python3-bottleneck 1.3.5 (installed with apt-get where it is missing, which needs root).
#
# Expected: the mean is 1, as NumPy, which sums in blocks, answers for the same array; the documentation names no limit for floats.
# Seen: the numbers are added one by one to a float32, which cannot grow beyond 16,777,216 by ones. The sum stops there and is divided by the count, and
# the deviation is taken about that mean. The same array as 2 rows, with axis=1, has the means 1 and 1. Two million times 0.1 are 0.0985.
# Why it matters: activations of a few hundred pictures are that many numbers. xarray uses bottleneck without being asked where it is installed.
# Output seen: 2^25 ones: mean 0.5, deviation 0.354, NumPy 1 and 0; two million times 0.1: 0.09851; as float64: 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-bottleneck > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-bottleneck > /dev/null; }

cat > probe.py <<'EOF'
import sys

import bottleneck
import numpy as np

print("bottleneck", bottleneck.__version__, "numpy", np.__version__)
ones = np.ones(2**25, np.float32)
tenths = np.full(2_000_000, 0.1, np.float32)
mean, deviation, tenth = bottleneck.nanmean(ones), bottleneck.nanstd(ones), bottleneck.nanmean(tenths)
print(f"2^25 ones: mean {mean}, deviation {deviation:.3f}; NumPy {np.nanmean(ones)}, {np.nanstd(ones)}")
print(f"two million tenths: {tenth:.5f}; NumPy {np.nanmean(tenths):.5f}")
rows = bottleneck.nanmean(ones.reshape(2, -1), axis=1)
double = bottleneck.nanmean(ones.astype(np.float64))
print(f"as two rows: {rows}; as float64: {double}")
if np.nanmean(ones) != 1 or double != 1 or not (rows == 1).all():
    sys.exit("NumPy, float64 or half of the ones are not what this probe expects")
if mean != 0.5 or not 0.3 < deviation < 0.4 or abs(tenth - 0.1) < 0.001:
    sys.exit("The behaviour has changed: the mean of ones is one.")
print("Still so: the mean of many ones is one half.")
EOF
/usr/bin/python3 probe.py
