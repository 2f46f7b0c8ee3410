#!/usr/bin/env bash
# In Verilator a real that is no number equals itself, so that the test "x != x" never finds one.
#
# Package: Debian 12's verilator 5.006 and, to compare with, iverilog 11.0 (installed with apt-get where they are missing, which needs root).
#
# Expected: reals are compared as IEEE 754 says (IEEE 1800, 6.12): what is no number equals nothing, itself neither, which is why "x != x" is the
# usual test for it. Icarus Verilog does so.
# Seen: for x = 0.0 / 0.0 Verilator answers 1 to x == x and to x <= x and 0 to x != x: two equal operands are taken for equal without a look. For x
# and y, both no numbers, it answers rightly that they differ.
# Why it matters: test benches of floating-point units check for NaN with it, and all of them pass in the faster simulator.
# Output seen: verilator x==x 1, x!=x 0, x<=x 1, x==y 0, x!=y 1; iverilog 0, 1, 0, 0, 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for package in verilator iverilog; do
  dpkg -s $package > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq $package > /dev/null; }
done
dpkg -s g++ make > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq g++ make > /dev/null; }
verilator --version
iverilog -V 2> /dev/null | sed -n 1p

cat > probe.v <<'EOV'
module probe;
  real zero, x, y;
  initial begin
    zero = 0.0;
    x = zero / zero;
    y = zero / zero;
    $display("%b%b%b%b%b", x == x, x != x, x <= x, x == y, x != y);
    $finish;
  end
endmodule
EOV
iverilog -g2012 -o probe.vvp probe.v
icarus=$(vvp probe.vvp | grep -E '^[01]{5}$')
verilator --binary -Wno-fatal -Wno-lint --top-module probe probe.v > build.log 2>&1 || { cat build.log; exit 1; }
seen=$(./obj_dir/Vprobe | grep -E '^[01]{5}$')
echo "x==x, x!=x, x<=x, x==y, x!=y of no numbers: iverilog $icarus, verilator $seen, IEEE 754 01001"
if [ "$icarus" != 01001 ]; then
  echo "iverilog is not what this probe expects."
  exit 1
fi
if [ "$seen" != 10101 ]; then
  echo "The behaviour has changed: no number equals itself."
  exit 1
fi
echo "Still so: in Verilator what is no number equals itself."
