#!/usr/bin/env bash
# lp_pool of PyTorch 1.13 with ceil_mode makes the last, cut window larger than the numbers in it: the 2-norm of 5 alone is 7.07.
#
# Package: Debian 12's python3-torch 1.13.1 (installed with apt-get where it is missing, which needs root and half a gigabyte).
#
# Expected: "f(X) is the p-th root of the sum of x^p over the window", so a window that holds one number gives that number, as ONNX Runtime's
# LpPool with ceil_mode does.
# Seen: [3, 4, 5] in windows of two at p = 2 gives 5 and 7.07, which is 5 times the square root of 2. The sum is computed as the mean of the window
# times its full size, and the mean of a cut window is over what it holds. Without ceil_mode, or where the windows fit, all is right.
# Why it matters: the last row and column of every map whose size does not fit are brighter by 41 % (for a corner twice as bright), which an
# export to ONNX undoes silently.
# Output seen: 5.000, 7.071; for ones in two dimensions the corner is 2 and the middle 2, where 1 belongs in the corner.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-torch > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-torch > /dev/null; }

cat > probe.py <<'EOF'
import sys

import torch
from torch.nn.functional import lp_pool1d, lp_pool2d

print("torch", torch.__version__)
row = lp_pool1d(torch.tensor([[[3.0, 4.0, 5.0]]]), norm_type=2, kernel_size=2, ceil_mode=True)[0, 0].tolist()
print("3, 4 | 5:", [f"{value:.3f}" for value in row], "(right: 5, 5)")
square = lp_pool2d(torch.ones(1, 1, 3, 3), norm_type=2, kernel_size=2, ceil_mode=True)[0, 0].tolist()
print("ones, 3 x 3:", [[f"{value:.3f}" for value in line] for line in square], "(right: 2, 1.414; 1.414, 1)")
if abs(row[0] - 5) > 1e-5 or abs(square[0][0] - 2) > 1e-5:
    sys.exit("whole windows are wrong too")
if abs(row[1] - 50**0.5) > 1e-5 or abs(square[1][1] - 2) > 1e-5:
    sys.exit("The behaviour has changed: a cut window counts what it holds.")
print("Still so: a cut window is counted as if it were full.")
EOF
/usr/bin/python3 probe.py
