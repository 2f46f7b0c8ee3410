#!/usr/bin/env bash
# The integral of a constant 200 from 0 to 1 is 72 in xarray when the numbers are bytes, and 200 when they are floats.
#
# Package: Debian 12's python3-xarray 2023.01.0 (installed with apt-get where it is missing, which needs root).
#
# Expected: integrate is the trapezoidal rule and answers a float; neighbouring values are averaged and multiplied by their distance.
# Seen: neighbours are added as bytes first: 200 + 200 is 144, half of that 72, as a float, without a warning. 100 and 100, whose sum is a byte, are
# right, and so are sum, which widens, and differentiate of the same array.
# Why it matters: levels, bit counts and energies per layer are stored in few bits. The area under their curve is wrong wherever two
# neighbours add up to more than 255, and plausible.
# Output seen: uint8 200, 200: 72; float 200; uint8 100, 100: 100; int8 100, 100: -28; differentiate of uint8 200, 100: -100.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-xarray > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-xarray > /dev/null; }
dpkg-query -W python3-xarray

cat > probe.py <<'EOF'
import sys
import warnings

import numpy as np
import xarray

warnings.filterwarnings("ignore")

def curve(values, kind):
    return xarray.DataArray(np.array(values, kind), dims="x", coords={"x": [0, 1]})

def integral(values, kind):
    area = curve(values, kind).integrate("x").item()
    print(f"{kind} {values}: integral {area}")
    return area

wrapped = integral([200, 200], "uint8")
signed = integral([100, 100], "int8")
small = integral([100, 100], "uint8")
floats = integral([200, 200], "float64")
total = curve([200, 200], "uint8").sum().item()
slope = curve([200, 100], "uint8").differentiate("x").values.tolist()
print(f"sum of uint8 200, 200: {total}; slope of uint8 200, 100: {slope}")
if floats != 200 or small != 100 or total != 400 or slope != [-100, -100]:
    sys.exit("the other answers are not what this probe expects")
if wrapped != 72 or signed != -28:
    sys.exit("The behaviour has changed: a constant 200 has the integral 200.")
print("Still so: the integral of bytes wraps.")
EOF
/usr/bin/python3 probe.py
