#!/usr/bin/env bash
# OpenCV reads the same grey picture as 0, 119, 255 if the PGM file is text and as 0, 7, 15 if it is binary.
#
# Package: Debian 12's python3-opencv 4.6.0 (installed with apt-get where it is missing, which needs root).
#
# Expected: P2 and P5 are two ways to write the same picture; its largest value, "maxval", is white in either. A reader scales both, or neither.
# Seen: of files with maxval below 256 the text ones are scaled to 255 and the binary ones are not, colours (P3, P6) alike. Above 255 neither is scaled:
# 1023 of 1023 is 1023 of 65535, nearly black, in both. PAM files are not scaled.
# Why it matters: maps of a few bits (activations of a quantised network, label maps) are written as PGM with their own maxval. One kind is then scaled
# when read, and a comparison of the two, or of text with the original, is off by a factor of 17.
# Output seen: P2 15 [0, 119, 255]; P5 15 [0, 7, 15]; P3 15 [255, 119, 0]; P6 15 [15, 7, 0]; P2 and P5 1023 [5, 1023].
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-opencv > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-opencv > /dev/null; }

cat > probe.py <<'EOF'
import sys

import cv2
import numpy as np

def read(what, file):
    values = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_UNCHANGED).ravel().tolist()
    print(f"{what}: {values}")
    return values

print("OpenCV", cv2.__version__)
grey = read("text P2, maxval 15", b"P2 3 1 15\n0 7 15\n"), read("binary P5, maxval 15", b"P5 3 1 15\n\x00\x07\x0f")
colour = read("text P3, maxval 15", b"P3 1 1 15\n0 7 15\n"), read("binary P6, maxval 15", b"P6 1 1 15\n\x00\x07\x0f")
wide = read("text P2, maxval 1023", b"P2 2 1 1023\n5 1023\n"), read("binary P5, maxval 1023", b"P5 2 1 1023\n\x00\x05\x03\xff")
full = read("text P2, maxval 255", b"P2 3 1 255\n0 7 15\n"), read("binary P5, maxval 255", b"P5 3 1 255\n\x00\x07\x0f")
if full != ([0, 7, 15], [0, 7, 15]) or wide != ([5, 1023], [5, 1023]):
    sys.exit("files of full range are not what this probe expects")
if grey != ([0, 119, 255], [0, 7, 15]) or colour != ([255, 119, 0], [15, 7, 0]):
    sys.exit("The behaviour has changed: text and bytes are read alike.")
print("Still so: text is scaled, bytes are not.")
EOF
/usr/bin/python3 probe.py
