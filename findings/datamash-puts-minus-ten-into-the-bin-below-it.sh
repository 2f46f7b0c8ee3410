#!/usr/bin/env bash
# datamash bin:5 puts 10 into the bin 10 and -10 into the bin -15, so every negative multiple of the bin size is one bin too low.
#
# Package: Debian 12's datamash 1.7 (installed with apt-get where it is missing, which needs root).
#
# Expected: bins of size 5 begin at multiples of 5 and hold their beginning, as 5 and 10 do here: -10 to below -5 is the bin -10, which is where -9.99 and
# -6 go.
# Seen: negative numbers are cut towards zero and lowered by one bin, whether they were cut or not. The bin -10 holds all from above -10 to -5, which
# itself is in it, and the bins of positive numbers hold their beginning and not their end.
# Why it matters: a histogram of rounded errors or of quantised weights is shifted by one bin on its negative side only: symmetric data get a negative
# mean.
# Output seen: -10 -15; -5 -10; -9.99 -10; -6 -10; 5 5; 9.99 5; 10 10.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s datamash > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq datamash > /dev/null; }

cat > probe.sh <<'EOF'
dpkg-query -W datamash
seen=$(printf '%s\n' -10 -9.99 -6 -5 0 5 9.99 10 | datamash --full bin:5 1 | tr '\t' ' ')
# The largest multiple of five that is not above the number.
right=$(printf '%s\n' -10 -9.99 -6 -5 0 5 9.99 10 | awk '{ q = int($1 / 5); if (q * 5 > $1) q--; print $1, q * 5 }')
paste -d'|' <(echo "$seen") <(echo "$right") | sed 's/|/   right: /'
if [ "$(echo "$seen" | grep -v -E '^-(10|5) ' | sed 's/ -0$/ 0/')" != "$(echo "$right" | grep -v -E '^-(10|5) ')" ]; then
  echo "The numbers between the multiples are not what this probe expects."
  exit 1
fi
if [ "$(echo "$seen" | grep -E '^-(10|5) ' | tr '\n' ';')" != "-10 -15;-5 -10;" ]; then
  echo "The behaviour has changed: -10 is in the bin -10."
  exit 1
fi
echo "Still so: -10 is in the bin -15."
EOF
bash probe.sh
