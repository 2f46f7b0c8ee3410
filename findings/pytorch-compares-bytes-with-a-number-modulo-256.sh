#!/usr/bin/env bash
# In PyTorch 1.13 no pixel of a uint8 image is below 256, every pixel 200 equals 456, and none is above -1: the number is cast to a byte first.
#
# Package: Debian 12's python3-torch 1.13.1 (installed with apt-get where it is missing, which needs root and half a gigabyte).
#
# Expected: 0 < 256, 200 < 300 and 0 > -1 whatever type holds the left number. clamp, full, where and masked_fill refuse 300 for a uint8
# tensor with "value cannot be converted to type uint8_t without overflow".
# Seen: for the bytes 0, 100 and 200 `x < 256` is false three times (256 becomes 0), `x < 300` is true for 0 only (300 becomes 44),
# `x == 456` is true for 200 and `x > -1` false three times (-1 becomes 255). With int8 `x < 128` is false for every number. A comparison
# with 300.0, or with NumPy, is right.
# Why it matters: counts of saturated or valid pixels, and bounds that come from a configuration (levels of a 9-bit grid, -1 for "none"), are
# wrong on images that were not converted to float, and only there.
# Output seen: x < 256: 0 of 3; x < 300: 1; x < 300.0: 3; x == 456: 1; x > -1: 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-torch > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-torch > /dev/null; }

cat > probe.py <<'EOF'
import sys

import torch

x = torch.tensor([0, 100, 200], dtype=torch.uint8)
print("torch", torch.__version__, "on", x.tolist())
seen = {
    "x < 256": x < 256,
    "x < 300": x < 300,
    "x < 300.0": x < 300.0,
    "x == 456": x == 456,
    "x > -1": x > -1,
}
for text, result in seen.items():
    print(f"{text}: {result.tolist()}, right: {[eval(text.replace('x', str(byte))) for byte in x.tolist()]}")
try:
    torch.clamp(x, 0, 300)
except RuntimeError as error:
    print("clamp to 300:", error)
if [int(result.sum()) for result in seen.values()] != [0, 1, 3, 1, 0]:
    sys.exit("The behaviour has changed: numbers beyond a byte are no longer taken modulo 256.")
print("Still so: bytes are compared with the number modulo 256.")
EOF
/usr/bin/python3 probe.py
