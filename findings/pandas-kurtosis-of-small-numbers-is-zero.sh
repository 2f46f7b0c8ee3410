#!/usr/bin/env bash
# The kurtosis of numbers near 0.00001 is exactly 0 in pandas, and so is the skewness of smaller ones; the same numbers times 100,000 have 0.547 and 1.243.
#
# Package: Debian 12's python3-pandas 1.5.3 (installed with apt-get where it is missing, which needs root).
#
# Expected: skewness and kurtosis have no unit: numbers in seconds and in microseconds have the same. Neither documentation names a limit.
# Seen: sums of squares below 1e-14 are taken for 0 by skew(), and for kurt() their square too, and both answer 0, as for a constant. Five numbers up
# to 0.00009 lose their kurtosis, up to 0.000009 their skewness as well. rolling().kurt() and rolling().skew() over the same five are right.
# Why it matters: gradients, small weights and latencies in seconds live there. 0 is the excess kurtosis of a normal distribution, so that a quantiser
# chosen by it takes heavy tails for none.
# Output seen: factor 1: 1.2434 and 0.5473; 1e-5: 1.2434 and 0; 1e-6: 0 and 0; windows of five: 1.2434 and 0.5473 at each.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-pandas > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-pandas > /dev/null; }

cat > probe.py <<'EOF'
import sys

import pandas as pd

print("pandas", pd.__version__)
seen = {}
for factor in (1, 1e-4, 1e-5, 1e-6):
    numbers = pd.Series([1.0, 2.0, 5.0, 1.0, 9.0]) * factor
    window = numbers.rolling(5)
    seen[factor] = [numbers.skew(), numbers.kurt(), window.skew().iloc[-1], window.kurt().iloc[-1]]
    skew, kurt, window_skew, window_kurt = seen[factor]
    print(f"times {factor}: skewness {skew:.4f}, kurtosis {kurt:.4f}; as a window {window_skew:.4f}, {window_kurt:.4f}")
near = lambda value, wanted: abs(value - wanted) < 1e-4
if not all(near(row[2], 1.2434) and near(row[3], 0.5473) for row in seen.values()) or not near(seen[1][0], 1.2434) or not near(seen[1][1], 0.5473):
    sys.exit("the skewness and kurtosis of a window are not what this probe expects")
if seen[1e-5][1] != 0 or seen[1e-6][0] != 0 or seen[1e-6][1] != 0:
    sys.exit("The behaviour has changed: skewness and kurtosis do not depend on the unit.")
print("Still so: small numbers have neither skewness nor kurtosis.")
EOF
/usr/bin/python3 probe.py
