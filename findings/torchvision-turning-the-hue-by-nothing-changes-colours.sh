#!/usr/bin/env bash
# torchvision's adjust_hue with a factor of 0, "no shift", moves colours of a Pillow image by up to six levels and darkens a tensor each time.
#
# Package: Debian 12's python3-torchvision 0.14.1 (installed with apt-get where it is missing, which needs root).
#
# Expected: "0 means no shift". adjust_brightness, adjust_contrast, adjust_saturation, adjust_sharpness and adjust_gamma with 1 return the image as it was.
# Seen: of random colours a third of the numbers of a Pillow image change, by -6 to 6: it goes through eight-bit hue, saturation and value. A tensor goes
# through floats and is cut to bytes instead of rounded: 28 % of the numbers lose a level, none gains one; ten times turned by nothing it is darker by
# one level on average, and by ten at worst.
# Why it matters: augmentation draws small factors around 0, and a robustness curve over the factor does not begin at the original picture.
# Output seen: picture: a third changed, -6 to 6; tensor: 28 % changed, all by -1; ten times -0.95 on average, -10 at most.
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

colours = np.random.RandomState(0).randint(0, 256, (200, 200, 3)).astype(np.uint8)
tensor = torch.from_numpy(colours.copy()).permute(2, 0, 1)
picture = Image.fromarray(colours)

def change(what, image):
    array = image.permute(1, 2, 0).numpy() if isinstance(image, torch.Tensor) else np.asarray(image)
    moved = array.astype(int) - colours
    print(f"{what}: {100 * np.mean(moved != 0):.1f} % of the numbers change, by {moved.min()} to {moved.max()}, {moved.mean():.3f} on average")
    return moved

print("torchvision", torchvision.__version__)
shown = change("picture", functional.adjust_hue(picture, 0.0))
once = change("tensor", functional.adjust_hue(tensor, 0.0))
often = tensor
for _ in range(10):
    often = functional.adjust_hue(often, 0.0)
ten = change("tensor, ten times", often)
neutral = [getattr(functional, f"adjust_{name}")(tensor, 1.0) for name in ("brightness", "contrast", "saturation", "sharpness", "gamma")]
if any(not torch.equal(image, tensor) for image in neutral):
    sys.exit("the other adjustments are not what this probe expects")
if np.abs(shown).max() < 4 or once.max() != 0 or once.mean() > -0.2 or ten.mean() > -0.7:
    sys.exit("The behaviour has changed: no shift is no change.")
print("Still so: no shift changes the colours.")
EOF
/usr/bin/python3 probe.py
