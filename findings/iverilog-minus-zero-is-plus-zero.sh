#!/usr/bin/env bash
# In Icarus Verilog minus 0.0 is plus 0.0, whose sign is lost in variables, constants and $ceil(-0.5).
#
# Package: Debian 12's iverilog 11.0 (installed with apt-get where it is missing, which needs root).
#
# Expected: reals are IEEE 754 doubles (IEEE 1364, 4.8), whose zero has a sign: -(0.0) is 8000000000000000 as bits, and $ceil(-0.5), which is to match
# the C function, is too. $bitstoreal keeps such a zero, and multiplying a variable 0.0 by -1.0 makes it.
# Seen: -z is plus zero, as 0 - z would be. The constants -0.0 and 0.0 * -1.0 are plus zero as well, although the same product with a variable is
# minus zero, and $ceil(-0.5) is plus zero.
# Why it matters: test benches of floating-point units compare bits. The reference says +0 where the unit, rightly, says -0; and 1.0 / -z is plus
# infinity.
# Output seen: -z 0000000000000000, -0.0 0000000000000000, 0.0 * -1.0 0000000000000000, $ceil(-0.5) 0000000000000000; z * -1.0 and $bitstoreal
# 8000000000000000; 1.0 / -z inf.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s iverilog > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq iverilog > /dev/null; }
iverilog -V 2> /dev/null | sed -n 1p

cat > probe.v <<'EOV'
module probe;
  real zero, x;
  task tell(input [8*16:1] what, input real number);
    $display("%0s %h", what, $realtobits(number));
  endtask
  initial begin
    zero = 0.0;
    tell("variable", -zero);
    x = -0.0;
    tell("constant", x);
    x = 0.0 * -1.0;
    tell("folded", x);
    tell("ceil", $ceil(-0.5));
    tell("product", zero * -1.0);
    tell("bits", $bitstoreal(64'h8000000000000000));
    $display("inverse %f %f", 1.0 / -zero, 1.0 / (zero * -1.0));
    $finish;
  end
endmodule
EOV
iverilog -g2012 -o probe.vvp probe.v
vvp probe.vvp | tee seen.txt
has() { grep -q -x -- "$1" seen.txt; }
minus=8000000000000000
plus=0000000000000000
if ! has "product $minus" || ! has "bits $minus"; then
  echo "The other zeros are not what this probe expects."
  exit 1
fi
if ! has "variable $plus" || ! has "constant $plus" || ! has "folded $plus" || ! has "ceil $plus" || ! has 'inverse inf -inf'; then
  echo "The behaviour has changed: a zero keeps its sign."
  exit 1
fi
echo "Still so: minus zero is plus zero."
