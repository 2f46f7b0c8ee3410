#!/usr/bin/env bash
# imresize of Octave makes a plain picture of 200 a pattern of 193 to 205 when it shrinks 8 x 8 pixels to 5 x 5.
#
# Package: Debian 12's octave-image 2.14.0 (installed with apt-get where it is missing, which needs root).
#
# Expected: the weights of the pixels that make a new one add up to 1, so a plain picture stays plain, as it does when it is enlarged, and in MATLAB,
# Pillow and OpenCV.
# Seen: the kernel is widened for shrinking, sampled at the pixels, and its samples are not divided by their sum, which depends on where the new pixel
# falls. 4 to 3, 8 to 5 and 11 to 7 are off by up to 7 of 200; where the ratio is a whole number, as for 200 to 100, or the picture large, by a level or
# none.
# Why it matters: feature maps are small, 7, 13, 27 pixels a side: their copies on a common grid get a grid of their own, which correlates between maps.
# Output seen: 200 everywhere, 8 to 5: 193 to 205; 4 to 3: 198 to 204; 7 to 14 and 8 to 4: 200.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s octave-image > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq octave-image > /dev/null; }

cat > probe.m <<'EOF'
pkg load image
function limits = shrunk(from, to)
  small = double(imresize(uint8(200 * ones(from)), [to to]));
  limits = [min(small(:)) max(small(:))];
  printf("%d to %d: %d to %d\n", from, to, limits);
end

% Wherever the samples of a kernel are divided by their sum, a plain picture stays plain.
printf("octave-image %s\n", pkg("list", "image"){1}.version);
if (! isequal(shrunk(7, 14), [200 200]) || ! isequal(shrunk(8, 4), [200 200]))
  printf("Enlarging and halving are not what this probe expects.\n");
  exit(1);
end
if (! isequal(shrunk(8, 5), [193 205]) || ! isequal(shrunk(4, 3), [198 204]))
  printf("The behaviour has changed: a plain picture stays plain.\n");
  exit(1);
end
printf("Still so: a plain picture gets a pattern.\n");
EOF
octave-cli --no-init-file --quiet probe.m
