#!/usr/bin/env bash
# In SciPy the Euclidean distance of (0, 200) and (10, 100) as bytes is 265.5, its square 10,100, and a paired t-test of bytes changes its sign.
#
# Package: Debian 12's python3-scipy 1.10.1 (installed with apt-get where it is missing, which needs root).
#
# Expected: a distance and a p-value of the numbers, whatever their type, as cdist, sqeuclidean, ttest_ind, pearsonr and ks_2samp have it.
# Seen: euclidean, cityblock, chebyshev, minkowski and cosine subtract or multiply in eight bits; euclidean and sqeuclidean, neighbours in the same module,
# contradict each other. The paired tests ttest_rel and wilcoxon do too: four pairs with t = -1.4 (p 0.26) have t = +3.0 (p 0.057), and six pairs
# with p = 0.06 are significant at 0.03.
# Why it matters: images, and maps of eight bits, are compared in pairs (with and without quantisation); half of the differences are negative.
# Output seen: bytes: euclidean 265.55, sqeuclidean 10100, cityblock 346, cdist 110; t 3.016; integers: 100.50, 10100, 110, 110; t -1.4.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-scipy > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-scipy > /dev/null; }

cat > probe.py <<'EOF'
import sys

import numpy as np
import scipy
from scipy import stats
from scipy.spatial import distance

def measure(kind):
    a, b = np.array([0, 200], kind), np.array([10, 100], kind)
    first, second = np.array([10, 20, 30, 40], kind), np.array([12, 21, 29, 45], kind)
    more, less = np.array([10, 20, 30, 40, 50, 60], kind), np.array([12, 21, 29, 45, 56, 67], kind)
    values = {
        "euclidean": distance.euclidean(a, b),
        "sqeuclidean": distance.sqeuclidean(a, b),
        "cityblock": distance.cityblock(a, b),
        "cdist cityblock": distance.cdist([a], [b], "cityblock").item(),
        "cosine": distance.cosine(a, b),
        "paired t": stats.ttest_rel(first, second).statistic,
        "unpaired p": stats.ttest_ind(first, second).pvalue,
        "Wilcoxon p": stats.wilcoxon(more, less).pvalue,
    }
    print(np.dtype(kind).name + ": " + ", ".join(f"{name} {value:.4g}" for name, value in values.items()))
    return {name: float(value) for name, value in values.items()}

print("scipy", scipy.__version__)
bytes_, whole = measure(np.uint8), measure(np.int64)
same = [name for name in whole if abs(whole[name] - bytes_[name]) < 1e-9]
print("the same in both:", ", ".join(same))
if abs(whole["euclidean"] - 100.499) > 0.001 or abs(whole["paired t"] + 1.4) > 0.001:
    sys.exit("integers are not what this probe expects")
if same != ["sqeuclidean", "cdist cityblock", "unpaired p"] or bytes_["paired t"] < 3 or bytes_["euclidean"] < 265:
    sys.exit("The behaviour has changed: bytes have the distances of their numbers.")
print("Still so: distances and paired tests of bytes wrap.")
EOF
/usr/bin/python3 probe.py
