#!/usr/bin/env bash
# The variance of the 64-bit integers 1, 2, 4 is 0 in R, or NA if one of them is negative; their standard deviation is right.
#
# Package: Debian 12's r-cran-bit64 4.0.5 with r-base-core 4.2.2 (installed with apt-get where they are missing, which needs root).
#
# Expected: the variance is the square of the standard deviation. The manual lists what does not work on these integers (matrix, array, unlist, str ...);
# var is not there.
# Seen: var() takes the bits of the integers for those of doubles, which are near 1e-323, and squares of those are 0. A negative integer is the bits of a
# NaN. sd() converts first and is right, mean() has a method of its own. cor() of the same numbers is 1, since the bits of small integers are
# in proportion; with a negative one it is NA too.
# Why it matters: counts read from Arrow, Parquet, DuckDB or CSV beyond 2^31 arrive in this type. A constant column is what is dropped for its variance.
# Output seen: var 0, sd 1.52753, as doubles var 2.33333; of -1, 2, 4 var NA, sd 2.51661, correlation with itself NA.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s r-cran-bit64 > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq r-cran-bit64 > /dev/null; }

cat > probe.R <<'EOF'
suppressMessages(library(bit64))
cat("bit64", as.character(packageVersion("bit64")), "\n")
numbers <- as.integer64(c(1, 2, 4))
negative <- as.integer64(c(-1, 2, 4))
seen <- c(var(numbers), sd(numbers), var(as.double(numbers)), var(negative), sd(negative), cor(negative, c(-1, 2, 4)))
cat(sprintf("var %g, sd %g, as doubles var %g; with -1: var %g, sd %g, correlation with itself %g\n", seen[1], seen[2], seen[3], seen[4], seen[5], seen[6]))
if (abs(seen[2]^2 - 7 / 3) > 1e-9 || abs(seen[3] - 7 / 3) > 1e-9) stop("the other figures are not what this probe expects")
if (seen[1] != 0 || !is.na(seen[4])) stop("The behaviour has changed: the variance is the square of the standard deviation.")
cat("Still so: long integers do not vary.\n")
EOF
Rscript --vanilla probe.R
