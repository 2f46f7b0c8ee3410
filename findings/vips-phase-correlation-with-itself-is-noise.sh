#!/usr/bin/env bash
# libvips' phase correlation of a picture with itself has its peak anywhere but at no shift.
#
# Package: Debian 12's libvips-tools 8.14.1 (installed with apt-get where it is missing, which needs root).
#
# Expected: every frequency of a picture has the same phase as itself, so the correlation is one peak at (0, 0) and 0 everywhere else.
# Seen: of 16 x 16 pixels of noise the correlation with itself is noise, with its largest value, 47 of 256, at row 1, column 10, and 3 at (0, 0). With the
# same picture moved by three pixels the peak is in the right place, at 155 of 256. Noise of 8 to 128 pixels a side did the same.
# Why it matters: it registers pictures, and is tried first with no shift at all, or used to find that nothing has moved: a copy that is quantised, or
# a frame of a camera that stands still, is reported as moved by half of its width.
# Output seen: with itself: peak 47.0 at row 1, column 10, at no shift 2.8; moved by 3: peak 155.5 at row 0, column 3.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s libvips-tools > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq libvips-tools > /dev/null; }
vips --version

# 16 x 16 numbers of a simple generator, as text, moved to the right by $1 pixels and round the edge.
noise() {
  awk -v moved="$1" 'BEGIN {
    n = 16; seed = 7
    for (i = 0; i < n * n; i++) { seed = (seed * 16807) % 2147483647; value[i] = int(seed / 8388608) }
    printf("P2\n%d %d\n255\n", n, n)
    for (y = 0; y < n; y++) { for (x = 0; x < n; x++) printf("%d ", value[y * n + (x - moved + n) % n]); print "" }
  }'
}
noise 0 > still.pgm
noise 3 > moved.pgm
# Place and height of the peak of a correlation, and its value at no shift.
peak() {
  vips phasecor "$1" "$2" correlation.csv
  awk '{ for (i = 1; i <= NF; i++) { if (NR == 1 && i == 1) first = $i; if (top == "" || $i > top) { top = $i; row = NR - 1; column = i - 1 } } }
    END { printf("peak %.1f at row %d, column %d; at no shift %.1f\n", top, row, column, first) }' correlation.csv
}
self=$(peak still.pgm still.pgm)
shifted=$(peak moved.pgm still.pgm)
echo "with itself: $self"
echo "moved by 3:  $shifted"
case "$shifted" in
  *"at row 0, column 3;"*) ;;
  *)
    echo "The picture that is moved is not what this probe expects."
    exit 1
    ;;
esac
case "$self" in
  *"at row 0, column 0;"*)
    echo "The behaviour has changed: a picture correlates with itself at no shift."
    exit 1
    ;;
esac
echo "Still so: a picture does not find itself."
