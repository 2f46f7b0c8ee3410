#!/usr/bin/env bash
# Poisson noise of scikit-image grows as a picture has fewer grey levels: a plain grey becomes black and white.
#
# Package: Debian 12's python3-skimage 0.19.3 (installed with apt-get where it is missing, which needs root).
#
# Expected: "Poisson-distributed noise generated from the data": a grey of 0.5 gets the noise of a grey of 0.5, whatever else is in the picture.
# Seen: the number of *distinct values in the picture*, rounded up to a power of two, is taken for the number of photons at white. The
# left half of a picture is 0.5; its noise has a standard deviation of 0.49 if the right half is 0.5 as well, and of 0.02 if
# the right half holds a thousand greys. In the first case six pixels in ten are 0 and four are 1, and the mean falls below 0.4.
# Why it matters: robustness against sensor noise is measured so. Masks, synthetic pictures and posterised or strongly quantised ones get noise that
# is twenty times that of a photo, and fewer activation bits look worse than they are.
# Output seen: alone: deviation 0.49, mean 0.38; beside 1000 greys: deviation 0.02, mean 0.50.
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
from skimage.util import random_noise

print("scikit-image", skimage.__version__)
half = np.full((100, 100), 0.5)


def noise(right):
    """Standard deviation and mean of the noisy left half, which is 0.5 in every picture."""
    left = random_noise(np.hstack([half, right]), mode="poisson", seed=1)[:, :100]
    print(f"left half 0.5, {len(np.unique(right))} grey levels on the right: deviation {left.std():.2f}, mean {left.mean():.2f}")
    return left.std()


alone = noise(half)
beside = noise(np.resize(np.linspace(0, 1, 1000), (100, 100)))
if alone < 0.4 or beside > 0.05:
    sys.exit("The behaviour has changed: the noise of a grey no longer depends on the other greys.")
print("Still so: the fewer grey levels, the more noise.")
EOF
/usr/bin/python3 probe.py
