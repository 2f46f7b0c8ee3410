#!/usr/bin/env bash
# The standard error of the mean of 1, 2, 3, 4 is 0.6455 in pandas, and 0.7454 when the four are a window.
#
# Package: Debian 12's python3-pandas 1.5.3 (installed with apt-get where it is missing, which needs root).
#
# Expected: Series.sem, groupby().sem, rolling().sem and expanding().sem are the deviation over the root of the number of observations, 1.2910 / 2.
# Seen: sem and groupby are 0.6455; rolling and expanding are 0.7454, as they divide by the root of n - ddof: the three that the deviation divides its
# squares by. With ddof=0 the window's 0.6455 is the others' usual answer, and theirs is 0.5590.
# Why it matters: error bands along a training curve are drawn from a rolling sem. A window of two is 41 % too wide, of five 12 %.
# Output seen: Series 0.6455, groupby 0.6455, rolling 0.7454, expanding 0.7454; window of two: 0.5 and 0.7071.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-pandas > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-pandas > /dev/null; }

cat > probe.py <<'EOF'
import sys
import warnings

import pandas as pd

warnings.filterwarnings("ignore")

numbers = pd.Series([1.0, 2.0, 3.0, 4.0])
whole = numbers.sem()
grouped = numbers.groupby([0, 0, 0, 0]).sem().iloc[0]
rolling = numbers.rolling(4).sem().iloc[-1]
expanding = numbers.expanding().sem().iloc[-1]
pair = numbers[:2].sem()
pair_window = numbers[:2].rolling(2).sem().iloc[-1]
deviation = numbers.rolling(4).std().iloc[-1]
print("pandas", pd.__version__)
print(f"deviation of the window over 2:   {deviation / 2:.4f}")
print(f"Series {whole:.4f}, groupby {grouped:.4f}, rolling {rolling:.4f}, expanding {expanding:.4f}")
print(f"of two: Series {pair:.4f}, rolling {pair_window:.4f}")
if abs(whole - deviation / 2) > 1e-9 or abs(grouped - whole) > 1e-9 or abs(pair - 0.5) > 1e-9:
    sys.exit("the standard error of a series is not what this probe expects")
if abs(rolling - 0.7453560) > 1e-6 or abs(expanding - rolling) > 1e-9 or abs(pair_window - 0.7071068) > 1e-6:
    sys.exit("The behaviour has changed: a window has the standard error of its numbers.")
print("Still so: the standard error of a window divides by n - 1.")
EOF
/usr/bin/python3 probe.py
