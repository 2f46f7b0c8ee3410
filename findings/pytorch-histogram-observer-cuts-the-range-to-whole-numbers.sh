#!/usr/bin/env bash
# HistogramObserver of PyTorch 1.13 counts only what lies between its ends cut to whole numbers: of values up to 1.9 those up to 1.
#
# Package: Debian 12's python3-torch 1.13.1 (installed with apt-get where it is missing, which needs root and half a gigabyte).
#
# Expected: a histogram from the smallest to the largest value, so that the range which it proposes for quantisation does not depend on the unit of
# measurement.
# Seen: of 10 zeros, 100 times 0.5 and 1000 times 1.9 it counts 110 and proposes the range 0 to 0.95, so that nine tenths of the values saturate at
# half their size. The same numbers times 100 are all counted and get 0 to 189.9. The ends are passed to histc as int(min) and int(max); what is
# beyond is dropped, and the bins are then read as if they spanned the true range. Only ends that are whole numbers are right, and two ends below 1
# in size, since for 0 to 0 histc looks for the ends itself.
# Why it matters: this is the default observer for activations in post-training quantisation, and activations between 1 and 10 are the rule. The
# loss looks like that of too few bits.
# Output seen: 110 of 1110 values counted, range 0 to 0.950; times 100: 1110 of 1110, range 0 to 189.9.
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
from torch.ao.quantization.observer import HistogramObserver

print("torch", torch.__version__)
values = torch.tensor([0.0] * 10 + [0.5] * 100 + [1.9] * 1000)


def observe(tensor):
    observer = HistogramObserver()
    observer(tensor)
    scale, zero = (parameter.item() for parameter in observer.calculate_qparams())
    return observer.histogram.sum().item(), (255 - zero) * scale


seen = []
for factor in (1, 100):
    counted, top = observe(values * factor)
    saturated = (values * factor > top * 1.01).sum().item()
    print(f"times {factor}: {counted:.0f} of {len(values)} counted, range up to {top:.3f}, {saturated} values beyond")
    seen += [counted, top]
if seen[2] != 1110 or abs(seen[3] - 190) > 1:
    sys.exit("the larger numbers are not what this probe expects")
if seen[0] != 110 or abs(seen[1] - 0.95) > 0.01:
    sys.exit("The behaviour has changed: values between whole numbers are counted.")
print("Still so: the range is cut to whole numbers.")
EOF
/usr/bin/python3 probe.py
