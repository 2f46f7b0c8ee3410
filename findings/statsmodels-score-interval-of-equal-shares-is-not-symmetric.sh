#!/usr/bin/env bash
# The score interval of the difference of 3 of 10 and 3 of 10 is -0.363 to 0.386 in statsmodels: it depends on which group is named first.
#
# Package: Debian 12's python3-statsmodels 0.13.5 (installed with apt-get where it is missing, which needs root).
#
# Expected: the interval of Miettinen and Nurminen tests each difference with the two shares that are most likely under it; exchanging the groups
# exchanges the signs of its ends, and between equal shares it is symmetric about 0.
# Seen: the shares under a difference are not the most likely ones: of 3 of 10 and 3 of 10, 0.3 apart, they are said to be 0.466 and 0.166, where 0.487 and
# 0.187 are likelier, and -0.3 apart 0.130 and 0.430 instead of 0.187 and 0.487. The coefficient of p in the cubic equation holds the count of the second
# group where its size belongs. Ratios, odds ratios and the other methods are symmetric.
# Why it matters: score is the recommended method for two accuracies on few images. 0.3 and -0.3 have p = 0.137 and 0.122 (0.145 by greatest
# likelihood), so that the network that is named first can decide what is significant.
# Output seen: score -0.3629 to 0.3857, whichever comes first; by greatest likelihood -0.3931 to 0.3931; newcomb -0.3590 to 0.3590.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-statsmodels > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-statsmodels > /dev/null; }

cat > probe.py <<'EOF'
import sys

import numpy as np
import statsmodels
from scipy import optimize
from statsmodels.stats import proportion

HITS, SIZE = 3, 10

def likeliest(difference):
    """The second share of the likeliest pair that lies so far apart."""
    def unlikely(second):
        first = second + difference
        return -HITS * np.log(first * second) - (SIZE - HITS) * np.log((1 - first) * (1 - second))
    bounds = max(0, -difference) + 1e-9, min(1, 1 - difference) - 1e-9
    return optimize.minimize_scalar(unlikely, bounds=bounds, method="bounded", options={"xatol": 1e-12}).x

def excess(difference):
    second = likeliest(difference)
    first = second + difference
    variance = (first * (1 - first) + second * (1 - second)) / SIZE * (2 * SIZE) / (2 * SIZE - 1)
    return difference**2 / variance - 1.959964**2

print("statsmodels", statsmodels.__version__)
interval = lambda method: proportion.confint_proportions_2indep(HITS, SIZE, HITS, SIZE, method=method)
score, newcomb = interval("score"), interval("newcomb")
right = optimize.brentq(excess, 0.01, 0.6)
print("score: %.4f to %.4f; newcomb: %.4f to %.4f" % (*score, *newcomb))
print(f"score by greatest likelihood: {-right:.4f} to {right:.4f}")
for difference in (0.3, -0.3):
    test = proportion.score_test_proportions_2indep(HITS, SIZE, HITS, SIZE, value=difference)
    second = likeliest(difference)
    shares = f"{test.prop1_null:.3f} and {test.prop2_null:.3f}; likelier {second + difference:.3f} and {second:.3f}"
    print(f"{difference} apart: p {test.pvalue:.4f}, shares {shares}")
if abs(sum(newcomb)) > 1e-9:
    sys.exit("the interval of Newcombe is not what this probe expects")
if abs(sum(score)) < 0.001:
    sys.exit("The behaviour has changed: the interval of equal shares is symmetric.")
print("Still so: the interval depends on which of two equal groups comes first.")
EOF
/usr/bin/python3 probe.py
