#!/usr/bin/env bash
# The p-value of Kuiper's test of a sample with itself is a complex number in Astropy for three numbers, 0 for two and 0.81 for ten.
#
# Package: Debian 12's python3-astropy 5.2.1 (installed with apt-get where it is missing, which needs root).
#
# Expected: the false-positive probability of no distance at all is 1, whatever the size of the samples, as by SciPy's Kolmogorov-Smirnov test.
# Seen: the formula for small distances is used with the harmonic half of the sizes, 1.5 for three against three, as if it were a number of points: a
# negative base gets a fractional power. Two equal pairs are found different with p = 0, and the distance 0.1 of ten numbers has a larger p than 0.
# Why it matters: angles and phases of small groups are what Kuiper's test is for, and comparing a group with itself is how one tries it.
# Output seen: 2 numbers 0, 3 numbers 1 - 1.085i, 10 numbers 0.808, 50 numbers 1; shifted by a half, 10 numbers 0.988; Kolmogorov-Smirnov 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-astropy > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-astropy > /dev/null; }

cat > probe.py <<'EOF'
import sys
import warnings

import astropy
import numpy as np
from astropy.stats import kuiper_two
from scipy import stats

warnings.simplefilter("ignore")
print("astropy", astropy.__version__)

def test(what, a, b):
    distance, p = kuiper_two(a, b)
    print(f"{what}: distance {distance:.2f}, p {p:.3f}, Kolmogorov-Smirnov p {stats.ks_2samp(a, b).pvalue:.3f}")
    return p

two, three, ten, fifty = (test(f"{size} numbers with themselves", np.arange(size), np.arange(size)) for size in (2, 3, 10, 50))
shifted = test("10 numbers and the same shifted by a half", np.arange(10), np.arange(10) + 0.5)
if abs(fifty - 1) > 1e-6:
    sys.exit("larger samples are not what this probe expects")
if two != 0 or not isinstance(three, complex) or not 0.8 < ten < 0.82 or shifted <= ten:
    sys.exit("The behaviour has changed: the p-value of equal samples is 1.")
print("Still so: the p-value of equal samples is complex, or 0.")
EOF
/usr/bin/python3 probe.py
