#!/usr/bin/env bash
# torch.cat of quantised tensors rounds all of them to the scale of the first: the result depends on the order, and small values vanish.
#
# Package: Debian 12's python3-torch 1.13.1 (installed with apt-get where it is missing, which needs root and half a gigabyte).
#
# Expected: an error for unequal scales (concatenation of stored integers makes no sense then), or a scale that fits all parts.
# Seen: the parts are quantised anew to the first one's scale and zero point, without a warning. [0.25, 0.75] behind a tensor of step 1
# becomes [0, 1]; in front of it, its values survive, but then 100 is cut to 63.75.
# Why it matters: Fire modules, Inception and DenseNet concatenate branches whose ranges differ. Whether a branch loses its small values or
# another one is clipped depends on which the author happened to name first.
# Output seen: cat(coarse, fine) 1,100,0,1; cat(fine, coarse) 0.25,0.75,1,63.75.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-torch > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-torch > /dev/null; }

cat > probe.py <<'EOF'
import sys

import torch

coarse = torch.quantize_per_tensor(torch.tensor([1.0, 100.0]), 1.0, 0, torch.quint8)
fine = torch.quantize_per_tensor(torch.tensor([0.25, 0.75]), 0.25, 0, torch.quint8)
print("torch", torch.__version__)
seen = {}
for name, parts in {"cat(coarse, fine)": [coarse, fine], "cat(fine, coarse)": [fine, coarse]}.items():
    joined = torch.cat(parts)
    seen[name] = joined.dequantize().tolist()
    print(f"{name}: {seen[name]} with step {joined.q_scale()}")
if seen["cat(coarse, fine)"] != [1, 100, 0, 1] or seen["cat(fine, coarse)"] != [0.25, 0.75, 1, 63.75]:
    sys.exit("The behaviour has changed: concatenation no longer takes over the first tensor's scale.")
print("Still so: the first tensor's scale is forced on all.")
EOF
/usr/bin/python3 probe.py
