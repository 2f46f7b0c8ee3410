#!/usr/bin/env bash
# torchvision's rgb_to_grayscale makes every grey a level darker if the image is a tensor of bytes, and none if it is a Pillow image.
#
# Package: Debian 12's python3-torchvision 0.14.1 (installed with apt-get where it is missing, which needs root).
#
# Expected: red, green and blue of v become v; and the same function gives the same picture for both kinds of image.
# Seen: the weights 0.2989, 0.587 and 0.114 add up to 0.9999, and the sum is cut to a whole number: white is 254, 128 is 127, only 0 stays.
# adjust_saturation with factor 0 does the same. With a Pillow image all 256 greys are exact. White as a float is 0.9999.
# Why it matters: a network trained on Pillow's grey and fed with tensors gets pictures that are darker by a level throughout, and thresholds at 255, for
# saturated pixels or white paper, find nothing.
# Output seen: 255 of 256 greys change as a tensor, each by -1; none as a picture.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-torchvision > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-torchvision > /dev/null; }

cat > probe.py <<'EOF'
import sys

import numpy as np
import torch
import torchvision
from PIL import Image
from torchvision.transforms import functional

levels = np.arange(256, dtype=np.uint8)
grey = np.repeat(levels[None, :, None], 3, axis=2)
as_tensor = functional.rgb_to_grayscale(torch.from_numpy(grey.copy()).permute(2, 0, 1))[0, 0].numpy().astype(int) - levels
as_picture = np.asarray(functional.rgb_to_grayscale(Image.fromarray(grey)))[0].astype(int) - levels
white = functional.rgb_to_grayscale(torch.ones(3, 1, 1)).item()
print("torchvision", torchvision.__version__)
print(f"as a tensor:  {np.count_nonzero(as_tensor)} of 256 greys change, by {np.unique(as_tensor).tolist()}; white is {255 + as_tensor[255]}")
print(f"as a picture: {np.count_nonzero(as_picture)} of 256 greys change; white is {255 + as_picture[255]}")
print(f"white as a float: {white:.6f}")
if np.any(as_picture):
    sys.exit("a picture is not what this probe expects")
if np.count_nonzero(as_tensor) != 255 or set(as_tensor) != {-1, 0} or white > 0.99995:
    sys.exit("The behaviour has changed: a grey stays itself.")
print("Still so: greys of a tensor lose a level.")
EOF
/usr/bin/python3 probe.py
