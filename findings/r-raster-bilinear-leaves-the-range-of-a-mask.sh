#!/usr/bin/env bash
# A mask of 0 and 1, enlarged bilinearly by R's raster package, has -0.25 and 1.25 along the edge of the picture.
#
# Package: Debian 12's r-cran-raster 3.6-14 with r-base-core 4.2.2 (installed with apt-get where they are missing, which needs root).
#
# Expected: bilinear interpolation is a weighted mean of four pixels, and a mean lies between the smallest and the largest. Outside the middle of the
# last pixel the edge is repeated, or there is no value. The manual says "bilinear interpolation" and nothing of the edge.
# Seen: half a pixel around the picture the line through the last two pixels is prolonged. A column of 1 beside columns of 0 becomes 1.25, one of 0 beside
# a 1 becomes -0.25, and in a corner both add up. resample() and disaggregate() agree. Inside it is right.
# Why it matters: bytes get below 0 and above 255 and wrap or become NA when they are written; probabilities and masks leave 0 to 1, and their logarithms
# are NaN.
# Output seen: 1, 0, 0, 1 to eight columns: 1.25, 0.75, 0.25, 0, 0, 0.25, 0.75, 1.25; 0, 1, 1, 0: -0.25, 0.25, 0.75, 1, 1, 0.75, 0.25, -0.25.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s r-cran-raster > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq r-cran-raster > /dev/null; }

cat > probe.R <<'EOF'
suppressMessages(library(raster))
cat("raster", as.character(packageVersion("raster")), "\n")
grid <- function(columns) raster(nrows = 4, ncols = columns, xmn = 0, xmx = 1, ymn = 0, ymx = 1)
enlarge <- function(row) {
  mask <- setValues(grid(4), rep(row, 4))
  twice <- as.matrix(resample(mask, grid(8), method = "bilinear"))[2, ]
  if (!isTRUE(all.equal(twice, as.matrix(disaggregate(mask, c(2, 1), method = "bilinear"))[2, ]))) stop("disaggregate is not what this probe expects")
  cat(row, "becomes", twice, "\n")
  twice
}
outer <- enlarge(c(1, 0, 0, 1))
inner <- enlarge(c(0, 1, 1, 0))
if (!isTRUE(all.equal(outer[3:6], c(0.25, 0, 0, 0.25)))) stop("the inside is not what this probe expects")
if (!isTRUE(all.equal(outer[1], 1.25)) || !isTRUE(all.equal(inner[1], -0.25))) stop("The behaviour has changed: a mean of 0 and 1 lies between them.")
cat("Still so: the border leaves the range.\n")
EOF
Rscript --vanilla probe.R
