#!/usr/bin/env bash
# With the qnnpack engine, avg_pool2d of PyTorch 1.13 ignores count_include_pad=False and divisor_override for quint8, and honours them for qint8.
#
# Package: Debian 12's python3-torch 1.13.1 (installed with apt-get where it is missing, which needs root and half a gigabyte).
#
# Expected: with count_include_pad=False the mean of a window is that of what it holds, so a map of eights stays eights, whatever the engine.
# Seen: with torch.backends.quantized.engine = "qnnpack" the edges are 5.5 and the corner 3.5, as if the padding counted; divisor_override=1 gives
# the mean, 8, and not the sum, 32. With the engines "onednn" and "none", with qint8 and with floats all is right. There is no warning.
# Why it matters: qnnpack is the engine for phones, chosen last, when the network has been tested on a server. Inception's pooling leaves the
# padding out.
# Output seen: qnnpack 3.5, 5.5, 5.5, 8 and 8; none 8, 8, 8, 8 and 32; qint8 with qnnpack 8, 8, 8, 8.
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
from torch.nn.functional import avg_pool2d

print("torch", torch.__version__)


def pool(engine, dtype):
    torch.backends.quantized.engine = engine
    eights = torch.quantize_per_tensor(torch.full((1, 1, 4, 4), 8.0), scale=0.5, zero_point=0, dtype=dtype)
    means = avg_pool2d(eights, 3, stride=2, padding=1, count_include_pad=False).dequantize().flatten().tolist()
    # The sum of four eights is code 64, which both types can hold.
    total = avg_pool2d(eights, 2, divisor_override=1).dequantize()[0, 0, 0, 0].item()
    print(f"{engine}, {dtype}: without padding {means}, divided by one {total}")
    return means, total


mobile = pool("qnnpack", torch.quint8)
plain = pool("none", torch.quint8)
signed = pool("qnnpack", torch.qint8)
if plain != ([8.0] * 4, 32.0) or signed[0] != [8.0] * 4:
    sys.exit("the other engine or type is not what this probe expects")
if mobile != ([3.5, 5.5, 5.5, 8.0], 8.0):
    sys.exit("The behaviour has changed: qnnpack leaves the padding out or divides by the given number.")
print("Still so: qnnpack counts the padding and divides by the window.")
EOF
/usr/bin/python3 probe.py
