#!/usr/bin/env bash
# peak_signal_noise_ratio of scikit-image rises by 6.02 dB when one pixel of a float picture is a hair below zero.
#
# Package: Debian 12's python3-skimage 0.19.3 (installed with apt-get where it is missing, which needs root).
#
# Expected: the peak is a property of the kind of picture, by default "estimated from the image data-type"; a pixel of -0.000001 instead of 0 leaves
# the ratio where it is.
# Seen: for float pictures without negative pixels the range is 1, with one it is 2, the width of -1 to 1, and the ratio is
# 20 log10(2) = 6.02 dB higher. Which of the two is decided by the smallest pixel of the first argument, so that exchanging the
# arguments changes the answer too. structural_similarity takes 2 in either case.
# Why it matters: reconstructions and denormalised pictures undershoot 0 by a rounding now and then. A mean over a folder mixes two scales, and
# 6 dB is more than what most published methods differ by.
# Output seen: 20.00 dB without, 26.02 dB with one negative pixel; 20.00 dB with the arguments exchanged; 20.00 dB with data_range=1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-skimage > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-skimage > /dev/null; }

cat > probe.py <<'EOF'
import sys
import warnings

warnings.filterwarnings("ignore")  # of packages that scikit-image imports
import numpy as np
import skimage
from skimage.metrics import peak_signal_noise_ratio

print("scikit-image", skimage.__version__)
picture = np.linspace(0.2, 0.8, 64).reshape(8, 8)
picture[0, 0] = 0
noisy = picture + 0.1 * np.where(np.indices((8, 8)).sum(0) % 2, -1, 1)
below = picture.copy()
below[0, 0] = -1e-6
seen = [
    peak_signal_noise_ratio(picture, noisy),
    peak_signal_noise_ratio(below, noisy),
    peak_signal_noise_ratio(noisy, below),
    peak_signal_noise_ratio(below, noisy, data_range=1),
]
for text, ratio in zip(("no pixel below 0", "one pixel at -0.000001", "arguments exchanged", "data_range=1"), seen):
    print(f"{text}: {ratio:.2f} dB")
if abs(seen[1] - seen[0] - 20 * np.log10(2)) > 0.01 or abs(seen[2] - seen[0]) > 0.01 or abs(seen[3] - seen[0]) > 0.01:
    sys.exit("The behaviour has changed: one negative pixel no longer doubles the peak.")
print("Still so: one negative pixel is worth 6 dB.")
EOF
/usr/bin/python3 probe.py
