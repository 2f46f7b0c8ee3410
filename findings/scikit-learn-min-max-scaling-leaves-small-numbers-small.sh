#!/usr/bin/env bash
# Scaled to the range 0 to 1 by scikit-learn, 0, 1e-15 and 2e-15 end at 2e-15; ten times larger they end at 1.
#
# Package: Debian 12's python3-sklearn 1.2.1 (installed with apt-get where it is missing, which needs root).
#
# Expected: minmax_scale transforms "by scaling each feature to a given range", MaxAbsScaler so that "the maximal absolute value of each feature will be
# 1.0". The documentation names no smallest range.
# Seen: a range, a largest value or an interquartile range below 2.2e-15, ten times the precision of doubles at 1, is taken for that of a constant and
# replaced by 1, by minmax_scale, maxabs_scale, robust_scale and scale, without a warning. StandardScaler scales the same numbers, and so does scale if
# they are a vector and not a column.
# Why it matters: squared gradients, variances of weights, Fisher information and p-values live there. A feature in such a unit has no weight beside
# the others, and a heat map of it is empty.
# Output seen: minmax 0 to 2e-15, maxabs 2e-15, robust and scale -1e-15 to 1e-15, StandardScaler -1.2247 to 1.2247; ten times larger
# 0 to 1, 1, -1 to 1, -1.2247 to 1.2247.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-sklearn > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-sklearn > /dev/null; }

cat > probe.py <<'EOF'
import sys

import numpy as np
import sklearn
from sklearn import preprocessing

print("scikit-learn", sklearn.__version__)
seen = {}
for unit in (1e-15, 1e-14):
    numbers = np.array([[0.0], [1.0], [2.0]]) * unit
    seen[unit] = {
        "minmax_scale": preprocessing.minmax_scale(numbers),
        "maxabs_scale": preprocessing.maxabs_scale(numbers),
        "robust_scale": preprocessing.robust_scale(numbers),
        "scale": preprocessing.scale(numbers),
        "scale of a vector": preprocessing.scale(numbers.ravel()),
        "StandardScaler": preprocessing.StandardScaler().fit_transform(numbers),
    }
    for name, scaled in seen[unit].items():
        print(f"0, {unit}, {2 * unit}: {name}", ", ".join(f"{value:.5g}" for value in scaled.ravel()))
largest = {unit: {name: scaled.ravel()[2] for name, scaled in all_of.items()} for unit, all_of in seen.items()}
deviations = 1.5**0.5
right = {"minmax_scale": 1, "maxabs_scale": 1, "robust_scale": 1, "scale": deviations, "scale of a vector": deviations, "StandardScaler": deviations}
if any(abs(largest[1e-14][name] - value) > 1e-6 for name, value in right.items()) or abs(largest[1e-15]["StandardScaler"] - deviations) > 1e-6:
    sys.exit("the other scalings are not what this probe expects")
if any(largest[1e-15][name] > 1e-14 for name in ("minmax_scale", "maxabs_scale", "robust_scale", "scale")):
    sys.exit("The behaviour has changed: small numbers are scaled too.")
print("Still so: small numbers stay small.")
EOF
/usr/bin/python3 probe.py
