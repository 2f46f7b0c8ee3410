#!/usr/bin/env bash
# Octave's bitshift moves 64 of an int8 by one to -128, and 1 by seven, the same bit, to 0.
#
# Package: Debian 12's octave 7.3.0 (installed with apt-get where it is missing, which needs root).
#
# Expected: 1 by seven and 64 by one both reach the eighth bit, as two shifts in a row do, and answer the same; 3 by six is 192, which is -64 in 8 bits.
# Seen: 64 by one is -128 and 3 by six -64, with the sign bit set, while 1 by seven is 0, and -1 by seven is 0 instead of -128: a shift by as many places as
# the type has bits besides its sign gives 0, a shorter one may reach the sign. int16, int32 and int64 do the same at 15, 31 and 63.
# Why it matters: models of bit-serial hardware in Octave build a number plane by plane, and the plane of the sign, shifted by 7, vanishes.
# Output seen: 64 by 1: -128; 1 by 6 and 1: -128; 1 by 7: 0; -1 by 6: -64; -1 by 7: 0; int16 1 by 15: 0, int32 1 by 31: 0; uint8 1 by 7: 128.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s octave > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq octave > /dev/null; }

cat > probe.m <<'EOF'
reached = [bitshift(int8(64), 1), bitshift(bitshift(int8(1), 6), 1), bitshift(int8(3), 6), bitshift(int8(-1), 6)];
lost = [double(bitshift(int8(1), 7)), double(bitshift(int8(-1), 7)), double(bitshift(int16(1), 15)), double(bitshift(int32(1), 31))];
unsigned = bitshift(uint8(1), 7);
printf("octave %s\n", version);
printf("int8 64 by 1: %d; 1 by 6 and by 1: %d; 3 by 6: %d; -1 by 6: %d\n", reached);
printf("int8 1 by 7: %d; -1 by 7: %d; int16 1 by 15: %d; int32 1 by 31: %d; uint8 1 by 7: %d\n", lost, unsigned);
if (! isequal(double(reached), [-128 -128 -64 -64]) || unsigned != 128)
  printf("The other shifts are not what this probe expects.\n");
  exit(1);
end
if (any(lost != 0))
  printf("The behaviour has changed: a shift by seven is seven shifts by one.\n");
  exit(1);
end
printf("Still so: a shift straight to the sign bit is 0.\n");
EOF
octave-cli --no-init-file --quiet probe.m
