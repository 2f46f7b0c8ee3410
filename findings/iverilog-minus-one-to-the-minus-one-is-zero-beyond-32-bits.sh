#!/usr/bin/env bash
# In Icarus Verilog (-1) ** -1 is -1 where the result has up to 32 bits, and 0 where it has 33 or more; so is 1 ** -1.
#
# Package: Debian 12's iverilog 11.0 (installed with apt-get where it is missing, which needs root).
#
# Expected: IEEE 1800, table 11-4: a negative exponent gives 1 for the base 1, and 1 or -1 for the base -1, as its parity says. The width of the
# result changes nothing about it.
# Seen: for a variable of -1, stored to 33, 40, 64 or 65 bits, x ** -1 and x ** -2 are 0; to 8 and 32 bits they are -1 and 1. Exponents from 0 on are
# right in all widths, and so are constants.
# Why it matters: (-1) ** n is the alternating sign of filters and transforms, with n from -N to N in a centred window. Half of the terms vanish as
# soon as somebody widens the accumulator.
# Output seen: 32 bits: -1 and 1; 33 bits: 0 and 0; x ** 3 -1 in both; the constant 33'sd1 ** -1 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s iverilog > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq iverilog > /dev/null; }
iverilog -V 2> /dev/null | sed -n 1p

cat > probe.v <<'EOV'
module probe;
  reg signed [7:0] x;
  reg signed [31:0] narrow;
  reg signed [32:0] wide;
  task tell(input [8*12:1] what);
    $display("%0s: 32 bits %0d, 33 bits %0d", what, narrow, wide);
  endtask
  initial begin
    x = -1;
    narrow = x ** -1;
    wide = x ** -1;
    tell("-1 ** -1");
    narrow = x ** -2;
    wide = x ** -2;
    tell("-1 ** -2");
    narrow = x ** 3;
    wide = x ** 3;
    tell("-1 ** 3");
    x = 1;
    narrow = x ** -1;
    wide = x ** -1;
    tell("1 ** -1");
    narrow = 32'sd1 ** -1;
    wide = 33'sd1 ** -1;
    tell("constant");
    $finish;
  end
endmodule
EOV
iverilog -g2012 -o probe.vvp probe.v
vvp probe.vvp | tee seen.txt
has() { grep -q -x -- "$1" seen.txt; }
if ! has '-1 \*\* 3: 32 bits -1, 33 bits -1' || ! has 'constant: 32 bits 1, 33 bits 1'; then
  echo "The other powers are not what this probe expects."
  exit 1
fi
if ! has '-1 \*\* -1: 32 bits -1, 33 bits 0' || ! has '-1 \*\* -2: 32 bits 1, 33 bits 0' || ! has '1 \*\* -1: 32 bits 1, 33 bits 0'; then
  echo "The behaviour has changed: negative powers are others."
  exit 1
fi
echo "Still so: negative powers of 1 and -1 are 0 beyond 32 bits."
