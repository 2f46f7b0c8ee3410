#!/usr/bin/env bash
# drop_block2d with the probability 1 keeps more than a third of the pixels, and makes them 2.7 times as large.
#
# Package: Debian 12's python3-torchvision 0.14.1 (installed with apt-get where it is missing, which needs root).
#
# Expected: "p: Probability of an element to be dropped". With 1 all are dropped, with 0.5 a half, as they are with blocks of one pixel.
# Seen: the centres of blocks are drawn with p / size^2, as if blocks never overlapped. 0.5 drops 39 % with blocks of 3 and 36 % with blocks of 7, 0.9 drops
# 59 % and 53 %, and 1 drops 63 % and 55 %, not above, whatever the picture. What is left is enlarged to keep the mean, by 2.7.
# Why it matters: a sweep over the share of dropped regions ends at 63 %, and its axis is not that of a sweep over single pixels.
# Output seen: p 1: blocks of 1 100 %, of 3 63 %, of 7 55 %; p 0.5: 50 %, 39 %, 36 %.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-torchvision > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-torchvision > /dev/null; }

cat > probe.py <<'EOF'
import sys

import torch
import torchvision
from torchvision.ops import drop_block2d

print("torchvision", torchvision.__version__)
dropped = {}
for p in (0.1, 0.5, 0.9, 1.0):
    for size in (1, 3, 7):
        torch.manual_seed(0)
        dropped[p, size] = drop_block2d(torch.ones(200, 4, 14, 14), p, size).eq(0).float().mean().item()
    print(f"p {p}: " + ", ".join(f"blocks of {size} drop {100 * dropped[p, size]:.1f} %" for size in (1, 3, 7)))
if any(abs(dropped[p, 1] - p) > 0.01 for p in (0.1, 0.5, 0.9, 1.0)):
    sys.exit("blocks of one pixel are not what this probe expects")
if not 0.6 < dropped[1.0, 3] < 0.66 or not 0.52 < dropped[1.0, 7] < 0.58 or not 0.36 < dropped[0.5, 3] < 0.42:
    sys.exit("The behaviour has changed: the probability is that of a pixel.")
print("Still so: with probability 1 a third and more is kept.")
EOF
/usr/bin/python3 probe.py
