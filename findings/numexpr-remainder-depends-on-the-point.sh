#!/usr/bin/env bash
# In NumExpr -7 % 3 is -1 for integers and 2 for floats.
#
# Package: Debian 12's python3-numexpr 2.8.4 (installed with apt-get where it is missing, which needs root); NumPy comes with it.
#
# Expected: one remainder for both, that of NumPy, whose expressions NumExpr evaluates: it takes the sign of the divisor.
# Seen: integers have the remainder of C, which takes the sign of the dividend, floats that of Python. A negative divisor too: 7 % -3 is 1 and -2. fmod() is
# there for C's. Writing the 3 as 3.0 is enough to change the result.
# Why it matters: indices that wrap round an edge, phases and levels of a quantiser are taken modulo; pandas' eval goes through NumExpr where that is
# installed.
# Output seen: -7 % 3: integers -1, floats 2, NumPy 2; 7 % -3: 1, -2, -2; integers % 3.0: 2.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-numexpr > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-numexpr > /dev/null; }

cat > probe.py <<'EOF'
import sys

import numexpr
import numpy as np

print("numexpr", numexpr.__version__)
seen = []
for a, b in ((7, 3), (-7, 3), (7, -3)):
    whole = numexpr.evaluate("a % b", {"a": np.array([a]), "b": np.array([b])}).item()
    point = numexpr.evaluate("a % b", {"a": np.array([float(a)]), "b": np.array([float(b)])}).item()
    numpy = (np.array([a]) % b).item(), (np.array([float(a)]) % b).item()
    print(f"{a} % {b}: integers {whole}, floats {point}; NumPy {numpy[0]} and {numpy[1]}")
    seen.append((whole, point, *numpy))
mixed = numexpr.evaluate("a % 3.0", {"a": np.array([-7])}).item()
print("integers -7 % 3.0:", mixed)
if seen[0] != (1, 1, 1, 1) or any(row[2] != row[3] for row in seen):
    sys.exit("NumPy is not what this probe expects")
if seen[1][:2] != (-1, 2) or seen[2][:2] != (1, -2) or mixed != 2:
    sys.exit("The behaviour has changed: remainders of integers and floats are the same.")
print("Still so: the remainder depends on the point.")
EOF
/usr/bin/python3 probe.py
