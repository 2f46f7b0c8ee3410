#!/usr/bin/env bash
# A symmetric observer of PyTorch 1.13 puts the zero at 128, and at 127 if the default range 0 to 255 is written out.
#
# Package: Debian 12's python3-torch 1.13.1 (installed with apt-get where it is missing, which needs root and half a gigabyte).
#
# Expected: quant_min=0, quant_max=255 is what quint8 has anyway, so writing it down changes nothing.
# Seen: MinMaxObserver with quint8 and per_tensor_symmetric gives the zero point 128; the same with the range given gives 127, half of the
# sum rounded down, at the same scale. For 4 bits, 0 to 15, it is 7 of 15 with a scale made for 7.5 steps either way: the largest
# negative number is clipped by half a step. For qint8 the zero point is 0 both ways.
# Why it matters: sweeps over bit widths set the range for each width, 8 included: their 8-bit row differs from the ordinary 8-bit
# model by a code everywhere, and models that are compared byte by byte never agree.
# Output seen: default 128; 0 to 255: 127; 0 to 15: 7; -3 at 4 bits becomes -2.8.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-torch > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-torch > /dev/null; }

cat > probe.py <<'EOF'
import sys
import warnings

warnings.filterwarnings("ignore")  # an observer warns of its reduced range
import torch
from torch.ao.quantization.observer import MinMaxObserver

print("torch", torch.__version__)
seen = []
for given in ({}, {"quant_min": 0, "quant_max": 255}, {"quant_min": 0, "quant_max": 15}):
    observer = MinMaxObserver(dtype=torch.quint8, qscheme=torch.per_tensor_symmetric, **given)
    observer(torch.tensor([-3.0, 3.0]))
    scale, zero = (value.item() for value in observer.calculate_qparams())
    lowest = scale * (observer.quant_min - zero)
    text = f"{given['quant_min']} to {given['quant_max']}" if given else "default"
    print(f"{text}: scale {scale:.5f}, zero point {zero}; -3 becomes {max(lowest, round(-3 / scale) * scale):.4f}")
    seen.append(zero)
if seen != [128, 127, 7]:
    sys.exit("The behaviour has changed: the zero point no longer depends on whether the range is given.")
print("Still so: the default range, written out, moves the zero point by one.")
EOF
/usr/bin/python3 probe.py
