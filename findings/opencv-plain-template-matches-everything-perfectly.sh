#!/usr/bin/env bash
# A template of one grey matches every place of every picture perfectly in OpenCV: its correlation coefficient is 1.
#
# Package: Debian 12's python3-opencv 4.6.0 (installed with apt-get where it is missing, which needs root); NumPy comes with it.
#
# Expected: the coefficient divides by the standard deviations of template and window. Where one is 0 it is undefined; scikit-image's match_template has 0
# there, NumPy's corrcoef NaN.
# Seen: TM_CCOEFF_NORMED with a plain template is 1, the best possible, at every place of a picture of noise. A plain picture with a template of noise is 0
# everywhere. So the same pair of a plain patch and noise is 1 or 0, depending on which is called the template.
# Why it matters: patches cut from a photo to be found again, or channels compared with a network's filters, are plain now and then (sky, a dead channel);
# those come out as the best matches of all.
# Output seen: plain template on noise 1 to 1; template of noise on a plain picture 0 to 0; noise found in itself 1, elsewhere at most 0.7.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-opencv > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-opencv > /dev/null; }

cat > probe.py <<'EOF'
import sys

import cv2
import numpy as np

random = np.random.RandomState(1)
noise = random.randint(0, 256, (12, 12)).astype(np.uint8)
plain = np.full((12, 12), 100, np.uint8)

def match(what, picture, template):
    values = cv2.matchTemplate(picture, template, cv2.TM_CCOEFF_NORMED)
    print(f"{what}: {values.min():.3f} to {values.max():.3f}")
    return values

print("OpenCV", cv2.__version__)
itself = match("a patch of noise on its own picture", noise, noise[4:8, 4:8])
blank = match("a plain patch on noise", noise, plain[:4, :4])
reverse = match("a patch of noise on a plain picture", plain, noise[:4, :4])
if np.unravel_index(itself.argmax(), itself.shape) != (4, 4) or np.sort(itself.ravel())[-2] > 0.9:
    sys.exit("a patch of noise is not what this probe expects")
if blank.min() < 0.9999 or np.abs(reverse).max() > 0.0001:
    sys.exit("The behaviour has changed: a plain template is no perfect match.")
print("Still so: a plain template matches everything.")
EOF
/usr/bin/python3 probe.py
