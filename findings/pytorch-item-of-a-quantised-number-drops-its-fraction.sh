#!/usr/bin/env bash
# item() of a quantised tensor in PyTorch 1.13 is its value without the fraction, as an integer; float() is the value.
#
# Package: Debian 12's python3-torch 1.13.1 (installed with apt-get where it is missing, which needs root and half a gigabyte).
#
# Expected: "returns the value of this tensor as a standard Python number", so 0.875 for what is printed as 0.8750, or at least the code.
# Seen: 0. It is neither the value nor the code, which is 7, but the value converted to an integer: 3.5 gives 3, -0.875 gives 0. float() and
# dequantize().item() give 0.875. The maximum and mean of a tensor so read are cut as well.
# Why it matters: item() is how losses, maxima and probabilities reach a log. A score of 0.99 is logged as 0, a maximum of 3.9 as 3.
# Output seen: item() 0, float() 0.875, dequantize().item() 0.875, code 7; mean of 0.5 and 1: item() 0, float() 0.75.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-torch > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-torch > /dev/null; }

cat > probe.py <<'EOF'
import sys
import warnings

warnings.filterwarnings("ignore")  # of deprecations in torch itself
import torch

print("torch", torch.__version__)
number = torch.quantize_per_tensor(torch.tensor([0.875]), scale=0.125, zero_point=0, dtype=torch.quint8)
mean = torch.quantize_per_tensor(torch.tensor([0.5, 1.0]), scale=0.125, zero_point=0, dtype=torch.quint8).mean()
print(f"item() {number.item()!r}, float() {float(number)}, dequantize().item() {number.dequantize().item()}, code {number.int_repr().item()}")
print(f"mean of 0.5 and 1: item() {mean.item()!r}, float() {float(mean)}")
if float(number) != 0.875 or float(mean) != 0.75 or number.int_repr().item() != 7:
    sys.exit("the numbers are not what this probe expects")
if number.item() != 0 or mean.item() != 0:
    sys.exit("The behaviour has changed: item() keeps the fraction.")
print("Still so: item() drops the fraction.")
EOF
/usr/bin/python3 probe.py
