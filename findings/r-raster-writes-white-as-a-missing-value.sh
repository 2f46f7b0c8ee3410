#!/usr/bin/env bash
# A picture of bytes that R's raster package writes as TIFF has no value wherever it was white; in its own format white is 255.
#
# Package: Debian 12's r-cran-raster 3.6-14 with r-base-core 4.2.2 (installed with apt-get where they are missing, which needs root).
#
# Expected: the manual says of the type INT1U "0 to 255", and "Single byte files do not have NA values".
# Seen: in TIFF 255 is marked as the missing value, so that every white pixel comes back as NA, without a message, from raster and from any reader that
# obeys GDAL_NODATA. The mean of the picture below loses a third. The .grd format, and INT2U in TIFF, keep 255.
# Why it matters: masks are 0 and 255, and overexposed skies are 255: white is the commonest byte of all after black.
# Output seen: .grd 0, 1, 254, 255, mean 127.5; .tif 0, 1, 254, NA, mean 85; .tif with 16 bits 0, 1, 254, 255.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s r-cran-raster > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq r-cran-raster > /dev/null; }

cat > probe.R <<'EOF'
suppressMessages(library(raster))
cat("raster", as.character(packageVersion("raster")), "\n")
picture <- raster(matrix(c(0, 1, 254, 255), 2, byrow = TRUE))
reread <- function(extension, type) {
  file <- paste0("picture", type, extension)
  suppressWarnings(writeRaster(picture, file, datatype = type))
  back <- raster(file)
  cat(extension, type, ":", as.vector(t(as.matrix(back))), "mean", cellStats(back, mean), "\n")
  as.vector(t(as.matrix(back)))
}
own <- reread(".grd", "INT1U")
tiff <- reread(".tif", "INT1U")
wide <- reread(".tif", "INT2U")
if (!isTRUE(all.equal(own, c(0, 1, 254, 255))) || !isTRUE(all.equal(wide, own))) stop("the other files are not what this probe expects")
if (!is.na(tiff[4]) || !isTRUE(all.equal(tiff[1:3], own[1:3]))) stop("The behaviour has changed: white comes back.")
cat("Still so: white is missing.\n")
EOF
Rscript --vanilla probe.R
