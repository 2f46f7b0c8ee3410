#!/usr/bin/env bash
# Positive infinity becomes the smallest code when PyTorch 1.13 quantises it; 3e9 becomes the largest, as it should.
#
# Package: Debian 12's python3-torch 1.13.1 (installed with apt-get where it is missing, which needs root and half a gigabyte).
#
# Expected: quantisation saturates, so +infinity behind an overflow gets the largest code, 255 for quint8, as every finite number beyond
# the range does.
# Seen: quantize_per_tensor turns 300 and 3e9 into 255 and +infinity into 0, the same as -infinity. fake_quantize_per_tensor_affine turns it
# into the lower end of the range too, 1e19 included: the rounded number is converted to a 64-bit integer before it is clamped, and what
# does not fit there becomes the most negative integer.
# Why it matters: an activation that overflowed to infinity is the strongest one of its map. After quantisation it is the weakest, with no
# NaN left to find. ONNX Runtime's QuantizeLinear gives 255 for the same input, so an exported model answers otherwise.
# Output seen: 300 -> 255, 3e9 -> 255, 1e19 -> 0, inf -> 0, -inf -> 0; fake: 255, 255, 0, 0, 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-torch > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-torch > /dev/null; }

cat > probe.py <<'EOF'
import sys

import torch

numbers = [300.0, 3e9, 1e19, float("inf"), float("-inf")]
tensor = torch.tensor(numbers)
codes = torch.quantize_per_tensor(tensor, 1.0, 0, torch.quint8).int_repr().tolist()
fake = torch.fake_quantize_per_tensor_affine(tensor, 1.0, 0, 0, 255).tolist()
print("torch", torch.__version__)
for number, code, value in zip(numbers, codes, fake):
    print(f"{number:g}: quantize_per_tensor {code}, fake_quantize {value:g}")
if codes[:2] != [255, 255] or fake[:2] != [255, 255]:
    sys.exit("finite numbers do not saturate as this probe expects")
if codes[3] != 0 or fake[3] != 0:
    sys.exit("The behaviour has changed: infinity no longer becomes the smallest code.")
print("Still so: infinity gets the code of the smallest number.")
EOF
/usr/bin/python3 probe.py
