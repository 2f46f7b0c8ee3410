#!/usr/bin/env bash
# Octave's fspecial('log') answers -71 for a plain picture of 100, where a Laplacian is 0.
#
# Package: Debian 12's octave-image 2.14.0 (installed with apt-get where it is missing, which needs root).
#
# Expected: a Laplacian is a second derivative, so that of a plain picture is 0; the kernel adds up to 0, as in MATLAB, whose function this is, and as
# fspecial("laplacian") does here.
# Seen: the 25 numbers of the default kernel (5 x 5, standard deviation 0.5) add up to -0.71: the sampled formula is returned without moving its sum to 0.
# With a standard deviation of 1 they add up to -0.02, with 2 to -0.01.
# Why it matters: the zero crossings of this filter are the edges, and its extremes are blobs. With the default the brightness of a region is added to
# both, and nothing crosses zero in a bright one.
# Output seen: sum of the default kernel -0.7128, a plain 100 becomes -71.28; laplacian 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s octave-image > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq octave-image > /dev/null; }

cat > probe.m <<'EOF'
pkg load image
printf("octave-image %s\n", pkg("list", "image"){1}.version);
kernel = fspecial("log");
other = fspecial("laplacian");
plain = imfilter(100 * ones(9), kernel, "replicate")(5, 5);
printf("log adds up to %.4f, a plain 100 becomes %.2f; laplacian adds up to %.4f\n", sum(kernel(:)), plain, sum(other(:)));
if (abs(sum(other(:))) > 1e-12)
  printf("The plain Laplacian is not what this probe expects.\n");
  exit(1);
end
if (abs(plain + 71.28) > 0.01)
  printf("The behaviour has changed: plain grey has no second derivative.\n");
  exit(1);
end
printf("Still so: plain grey has a second derivative.\n");
EOF
octave-cli --no-init-file --quiet probe.m
