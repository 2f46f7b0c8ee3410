#!/usr/bin/env bash
# scikit-image's equalize_adapthist makes a black picture white, and any other plain picture too.
#
# Package: Debian 12's python3-skimage 0.19.3 (installed with apt-get where it is missing, which needs root).
#
# Expected: contrast-limited equalisation bounds how much contrast is added; a picture without contrast stays about as it is. OpenCV's CLAHE keeps the
# grey of a plain picture of 224 x 224 to within five levels.
# Seen: 0, 0.2, 0.5 and 1, as floats and as bytes, all become 1 in every pixel. A single pixel of another grey among 4,096 is enough to bring the rest
# back to where it was: 0 stays 0 with one white pixel.
# Why it matters: dark channels, masks and saturated photos are plain; a folder of maps equalised for display shows dead channels as the brightest.
# Output seen: plain 0, 0.2, 0.5, 1: all 1; black with one white pixel: the black is 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-skimage > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-skimage > /dev/null; }

cat > probe.py <<'EOF'
import sys

import numpy as np
import skimage
from skimage import exposure

print("scikit-image", skimage.__version__)
seen = []
for grey in (0.0, 0.2, 0.5, 1.0):
    result = exposure.equalize_adapthist(np.full((64, 64), grey))
    seen.append((result.min(), result.max()))
    print(f"plain {grey}: {result.min():.3f} to {result.max():.3f}")
as_bytes = exposure.equalize_adapthist(np.zeros((64, 64), np.uint8))
print(f"plain 0 as bytes: {as_bytes.min():.3f} to {as_bytes.max():.3f}")
spot = np.zeros((64, 64))
spot[20, 20] = 1
spotted = exposure.equalize_adapthist(spot)
print(f"black with one white pixel: {np.median(spotted):.3f} for most, {spotted.max():.3f} at most")
if np.median(spotted) > 0.1:
    sys.exit("a picture with two greys is not what this probe expects")
if any(pair != (1.0, 1.0) for pair in seen) or as_bytes.min() != 1:
    sys.exit("The behaviour has changed: a plain picture keeps its grey.")
print("Still so: every plain picture becomes white.")
EOF
/usr/bin/python3 probe.py
