#!/usr/bin/env bash
# Loading the statistics package changes the standard deviation of the bytes 10, 20, 30 from 10 to 7.07.
#
# Package: Debian 12's octave-statistics 1.5.3 (installed with apt-get where it is missing, which needs root).
#
# Expected: the square root of the squared distances from the mean over n - 1 is 10, which Octave itself answers for bytes and for doubles, and the
# package for doubles.
# Seen: the package replaces var and std by its own. Those take the distances from the mean in the type of the numbers, where they are whole and what is
# below zero is zero, so numbers below the mean count nothing. uint16 and the others without a sign are alike. Nothing is said when the package is loaded
# but that functions are shadowed.
# Why it matters: the contrast and the noise of pictures are standard deviations of bytes; a script that loads the package for a test elsewhere gets
# others, 30 % smaller or more.
# Output seen: uint8 10, 20, 30: 10 before, 7.07107 after; 0, 255: 180.31 before, 128 after; doubles and int16 do not change.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s octave-statistics > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq octave-statistics > /dev/null; }

cat > probe.m <<'EOF'
warning("off", "all");
function spread = spread_of(numbers, what)
  spread = double(std(numbers));
  printf("%s %s: %.5f (right: %.5f)\n", what, mat2str(numbers), spread, sqrt(sum((double(numbers) - mean(double(numbers))) .^ 2) / (numel(numbers) - 1)));
end

three = uint8([10 20 30]);
ends = uint8([0 255]);
before = [spread_of(three, "before"), spread_of(ends, "before")];
pkg load statistics
printf("octave %s, octave-statistics %s\n", version, pkg("list", "statistics"){1}.version);
after = [spread_of(three, "after"), spread_of(ends, "after")];
others = [spread_of(double(three), "after"), spread_of(int16([-10 0 10]), "after")];
if (max(abs(others - 10)) > 1e-9 || abs(before(1) - 10) > 1e-9)
  printf("The other types are not what this probe expects.\n");
  exit(1);
end
if (max(abs(after - [sqrt(50) 128])) > 1e-4)
  printf("The behaviour has changed: bytes below the mean count.\n");
  exit(1);
end
printf("Still so: bytes below the mean count nothing.\n");
EOF
octave-cli --no-init-file --quiet probe.m
