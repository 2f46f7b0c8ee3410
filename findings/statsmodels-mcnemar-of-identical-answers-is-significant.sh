#!/usr/bin/env bash
# McNemar's test in statsmodels finds two classifiers that answer the same everywhere significantly different, with p = 0.
#
# Package: Debian 12's python3-statsmodels 0.13.5 (installed with apt-get where it is missing, which needs root).
#
# Expected: without an image that only one of them gets right there is no difference; p is 1, as the exact test has it.
# Seen: the test for large samples, exact=False, subtracts the correction of 1 from a difference of 0 and squares it: (0 - 1)^2 / 0 is infinite, p is 0. For
# one against one image it is (0 - 1)^2 / 2, p = 0.48, where two against one has p = 1: the more even table is the more significant. R drops the correction
# where both counts are equal. Without correction the first case is NaN.
# Why it matters: it is the test for "does quantising change the answers", and a layer that changes none is reported as the clearest change of all.
# Output seen: 0 : 0 statistic inf, p 0, exact p 1; 1 : 1 p 0.480, exact 1; 2 : 1 p 1; 5 : 5 p 0.752; 50 : 50 p 0.920.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-statsmodels > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-statsmodels > /dev/null; }

cat > probe.py <<'EOF'
import sys

import statsmodels
from statsmodels.stats.contingency_tables import mcnemar

def test(first, second):
    table = [[10, first], [second, 10]]
    large, exact = mcnemar(table, exact=False), mcnemar(table, exact=True)
    print(f"{first} : {second}: statistic {large.statistic:.3f}, p {large.pvalue:.3f}, exact p {exact.pvalue:.3f}")
    return large.pvalue, exact.pvalue

print("statsmodels", statsmodels.__version__)
pairs = [(0, 0), (1, 1), (2, 1), (5, 5), (50, 50), (40, 10)]
p = {pair: test(*pair) for pair in pairs}
if any(p[pair][1] != 1 for pair in pairs[:5]) or p[40, 10][0] > 0.001:
    sys.exit("the exact test is not what this probe expects")
if p[0, 0][0] != 0 or not 0.47 < p[1, 1][0] < 0.49 or p[2, 1][0] != 1:
    sys.exit("The behaviour has changed: equal counts have a p-value of 1.")
print("Still so: no difference at all has the p-value 0.")
EOF
/usr/bin/python3 probe.py
