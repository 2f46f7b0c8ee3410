#!/usr/bin/env bash
# The centre crop of torchvision lies left of the middle for one odd margin and right of it for the next.
#
# Package: Debian 12's python3-torchvision 0.14.1 (installed with apt-get where it is missing, which needs root and half a gigabyte).
#
# Expected: where the margin is odd, a centre crop takes the pixel that is left over always on the same side (transformers.js and
# ONNX's CenterCropPad round down).
# Seen: crops of width 2 from 3, 5, 7 and 9 pixels start at 0, 2, 2 and 4. The offset is (width - size) / 2 through Python's round(), which
# takes halves to the even number: 0.5 -> 0, 1.5 -> 2, 2.5 -> 2, 3.5 -> 4. Rounding down gives 0, 1, 2, 3; rounding up 1, 2, 3, 4.
# Why it matters: "resize to 256, crop 224" leaves an odd margin on the long side for half of all photos. A port that rounds one way shifts
# half of *those* by a pixel, which changes answers of quantised networks in some percent of photos; no single fixed rule reproduces it.
# Output seen: 3 -> 0, 5 -> 2, 7 -> 2, 9 -> 4.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-torchvision > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-torchvision > /dev/null; }

cat > probe.py <<'EOF'
import sys
import warnings

warnings.filterwarnings("ignore")  # a build without image codecs says so at import
import torch
import torchvision
from PIL import Image
from torchvision.transforms.functional import center_crop

print("torchvision", torchvision.__version__)
seen = []
for width in (3, 5, 7, 9):
    row = torch.arange(width, dtype=torch.uint8)
    start = int(center_crop(row[None, None, :], [1, 2])[0, 0, 0])
    picture = Image.fromarray(row.numpy()[None, :])
    assert center_crop(picture, [1, 2]).getpixel((0, 0)) == start, "tensors and pictures are cropped alike"
    print(f"width {width}: the crop starts at {start}, the exact middle at {(width - 2) / 2}")
    seen.append(start)
if seen != [0, 2, 2, 4]:
    sys.exit("The behaviour has changed: crops no longer start at halves rounded to even.")
print("Still so: the crop lies left of the middle for 3 and 7, right of it for 5 and 9.")
EOF
/usr/bin/python3 probe.py
