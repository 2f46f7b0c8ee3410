#!/usr/bin/env bash
# unidinv, the inverse of the discrete uniform distribution on 1 to 6, answers 0 for small probabilities, and is one too low almost everywhere.
#
# Package: Debian 12's octave-statistics 1.5.3 (installed with apt-get where it is missing, which needs root).
#
# Expected: the inverse of a distribution is the smallest number whose cumulative probability is at least the one given. unidcdf(1, 6) is 0.1667, so it is
# 1 up to there, 2 up to 0.3333, and never 0; the documentation says integers 1 to n.
# Seen: it is floor(6 p): 0 below 1/6, 1 for 0.3, 3 for 0.5 and 5 for 0.9. Only where p is a multiple of 1/6 does it agree with unidcdf; the inverses of
# the binomial and the other discrete distributions round up.
# Why it matters: random numbers by inversion of a uniform one, and limits of a permutation test, start with it: dice with a zero and without a six.
# Output seen: 0.01 0 (right 1), 0.3 1 (2), 0.5 3 (3), 0.9 5 (6).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s octave-statistics > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq octave-statistics > /dev/null; }

cat > probe.m <<'EOF'
warning("off", "all");
pkg load statistics
printf("octave-statistics %s\n", pkg("list", "statistics"){1}.version);
p = [0.01 0.3 0.5 0.9];
seen = unidinv(p, 6);
right = arrayfun(@(q) find(unidcdf(1:6, 6) >= q - 1e-12, 1), p);
printf("p = %.2f: %d (right: %d)\n", [p; seen; right]);
one = binoinv(0.3, 1, 0.5) + binoinv(0.7, 1, 0.5);
if (! isequal(right, [1 2 3 6]) || one != 1)
  printf("The cumulative distribution or that of a coin is not what this probe expects.\n");
  exit(1);
end
if (! isequal(seen, [0 1 3 5]))
  printf("The behaviour has changed: the quantiles are those of the distribution.\n");
  exit(1);
end
printf("Still so: a die shows 0.\n");
EOF
octave-cli --no-init-file --quiet probe.m
