#!/usr/bin/env bash
# The "root mean squared percentage error" of statsmodels is 1 where every number is 10 % off, and 0.1 where every number is 1 % off.
#
# Package: Debian 12's python3-statsmodels 0.13.5 (installed with apt-get where it is missing, which needs root).
#
# Expected: in per cent 10, or as a fraction 0.1.
# Seen: the mean of the squares is multiplied by a hundred before the root is taken, so that the result is ten times the fraction and a tenth of the
# percentage, in no unit at all: 1 for 10 %, 5 for 50 %.
# Why it matters: "rmspe below 1" reads as "within one per cent" and is within ten.
# Output seen: 1 % 0.1, 10 % 1.0, 50 % 5.0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-statsmodels > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-statsmodels > /dev/null; }

cat > probe.py <<'EOF'
import sys

import numpy as np
import statsmodels
from statsmodels.tools import eval_measures

print("statsmodels", statsmodels.__version__)
true = np.array([50.0, 100.0, 200.0, 400.0])
seen = {}
for percent in (1, 10, 50):
    seen[percent] = float(eval_measures.rmspe(true, true * (1 + percent / 100)))
    print(f"every number {percent} % too large: {seen[percent]:.6f}")
plain = eval_measures.rmse(true, true + 3)
print(f"rmse of numbers that are 3 too large: {plain}")
if plain != 3:
    sys.exit("rmse is not what this probe expects")
if any(abs(value - percent / 10) > 1e-9 for percent, value in seen.items()):
    sys.exit("The behaviour has changed: the error is a percentage, or a fraction.")
print("Still so: ten per cent is one.")
EOF
/usr/bin/python3 probe.py
