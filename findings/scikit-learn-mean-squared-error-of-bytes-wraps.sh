#!/usr/bin/env bash
# The mean squared error of 0, 200 against 10, 100 is 58 in scikit-learn when they are bytes, and 5050 when they are not.
#
# Package: Debian 12's python3-sklearn 1.2.1 (installed with apt-get where it is missing, which needs root).
#
# Expected: a float, "the best value is 0.0", that does not depend on the type of the numbers; scikit-image's mean_squared_error converts them first and
# has 5050.
# Seen: differences and squares are taken in eight bits and wrap: (0 - 10)^2 is 100, (200 - 100)^2 is 16, mean 58. 0 against 16 is an error of 0. The mean
# absolute error is 83 instead of 55, since 0 - 10 is 246, the largest error 246, r2 0.994 instead of 0.495. The results are floats, as if they had been
# computed so, and there is no warning.
# Why it matters: pictures and quantised maps are bytes. A worse picture can have the smaller error, and no error is above 255.
# Output seen: bytes: 58.0, 83.0, 246, r2 0.994; 16-bit integers: 5050.0, 55.0, 100, r2 0.495; 0 against 16: 0.0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-sklearn > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-sklearn > /dev/null; }

cat > probe.py <<'EOF'
import sys

import numpy as np
import sklearn
from sklearn import metrics

def measure(kind):
    true, seen = np.array([0, 200], kind), np.array([10, 100], kind)
    values = [f(true, seen) for f in (metrics.mean_squared_error, metrics.mean_absolute_error, metrics.max_error, metrics.r2_score)]
    print(f"{np.dtype(kind).name}: squared {values[0]}, absolute {values[1]}, largest {values[2]}, r2 {values[3]:.3f}")
    return [float(value) for value in values]

print("scikit-learn", sklearn.__version__)
bytes_ = measure(np.uint8)
words = measure(np.int16)
floats = measure(np.float64)
none = metrics.mean_squared_error(np.array([0], np.uint8), np.array([16], np.uint8))
print("bytes 0 against 16: squared", none)
if floats[:3] != [5050, 55, 100] or words != floats:
    sys.exit("floats are not what this probe expects")
if bytes_[:3] != [58, 83, 246] or none != 0 or bytes_[3] < 0.99:
    sys.exit("The behaviour has changed: bytes have the errors of their numbers.")
print("Still so: errors of bytes wrap.")
EOF
/usr/bin/python3 probe.py
