#!/usr/bin/env bash
# Netpbm's pamaddnoise with a deviation of 1 turns half of the pixels of a grey picture white; with a deviation of 0 too.
#
# Package: Debian 12's netpbm 11.01.00 (installed with apt-get where it is missing, which needs root).
#
# Expected: "the mean of the Gaussian distributions is 0", so grey 100 keeps its mean; a deviation of 0, which "eliminates" the noise, changes nothing.
# Seen: 5,000 of 10,000 pixels become 255, whatever the deviation and the seed; the others are near 100. Laplacian noise does the same, multiplicative
# noise makes half of the pixels black, and black pictures become half white with additive noise. There is no warning.
# Why it matters: noise of known strength is added to find out how robust a network is, and this is the tool at hand for the formats of this field. The
# accuracy that is measured with it is that for half of the pixels missing.
# Output seen: gaussian 1 mean 177.6, 50 % white; gaussian 0 mean 177.7; laplacian 0 mean 177.9; multiplicative 0 mean 49.9, 50 % black.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s netpbm > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq netpbm > /dev/null; }
dpkg-query -W netpbm

# 100 x 100 pixels of grey 100.
{ printf 'P5\n100 100\n255\n'; head -c 10000 /dev/zero | tr '\0' 'd'; } > grey.pgm

# Mean, and the numbers of white and black pixels, of the picture with the noise of the options given.
measure() {
  pamaddnoise -seed=1 "$@" grey.pgm 2> /dev/null | tail -c 10000 | od -An -v -t u1 -w1 |
    awk '{ sum += $1; white += ($1 == 255); black += ($1 == 0) } END { printf("mean %.1f, white %d, black %d of %d\n", sum / NR, white, black, NR) }'
}
slight=$(measure -type=gaussian -sigma1=1 -sigma2=1)
none=$(measure -type=gaussian -sigma1=0 -sigma2=0)
laplacian=$(measure -type=laplacian -lsigma=0)
product=$(measure -type=multiplicative_gaussian -mgsigma=0)
echo "gaussian, deviation 1:       $slight"
echo "gaussian, deviation 0:       $none"
echo "laplacian, deviation 0:      $laplacian"
echo "multiplicative, deviation 0: $product"

# How many of 10,000 pixels are white, or black.
count() { sed -E "s/.*$1 ([0-9]+).*/\1/"; }
plain=$(tail -c 10000 grey.pgm | od -An -v -t u1 -w1 | sort -u | tr -d ' ')
if [ "$plain" != 100 ]; then
  echo "The picture is not what this probe expects."
  exit 1
fi
for line in "$slight" "$none" "$laplacian"; do
  white=$(echo "$line" | count white)
  if [ "$white" -lt 4000 ]; then
    echo "The behaviour has changed: slight noise is slight."
    exit 1
  fi
done
if [ "$(echo "$product" | count black)" -lt 4000 ]; then
  echo "The behaviour has changed: no multiplicative noise changes nothing."
  exit 1
fi
echo "Still so: half of the pixels are white, or black."
