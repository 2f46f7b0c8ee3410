#!/usr/bin/env bash
# Verilator shifts 16 by -1 to the left and gets 8 where it knows the numbers beforehand, and 0 where it does not.
#
# Package: Debian 12's verilator 5.006 and, to compare with, iverilog 11.0 (installed with apt-get where they are missing, which needs root).
#
# Expected: "the right operand is always treated as an unsigned number" (IEEE 1800, 11.4.10): -1 is 4294967295, and 16 << -1 is 0, as in Icarus
# Verilog.
# Seen: 8 for 16 << -1 and 4 for 16 << -2, as if a negative shift went the other way, if the amount is a constant or a variable that was just set. In
# a loop that Verilator does not unroll the same expression with the same numbers is 0. A shift to the right by -1 is 0 both ways.
# Why it matters: normalisers and scalers of fixed-point numbers shift by a difference that may be negative. The simulation shows what the designer
# hoped for where it folds constants; the synthesised circuit and the rest of the simulation give 0.
# Output seen: iverilog 0, 0, 0, 0; verilator 8 and 4 as constants, 8 for a variable just set, 0 in a loop.
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
  integer amount, steps, from;
  reg [7:0] value, looped;
  initial begin
    value = 16;
    amount = -1;
    $write("seen %0d %0d %0d ", 8'd16 << -1, 8'd16 << -2, value << amount);
    // The start comes from outside, so that the loop cannot be worked out beforehand.
    if (!$value$plusargs("from=%d", from)) from = 0;
    for (steps = from; steps < 0; steps = steps + 1) looped = value << steps;
    $display("%0d", looped);
    $finish;
  end
endmodule
EOV
iverilog -g2012 -o probe.vvp probe.v
icarus=$(vvp probe.vvp +from=-1 | grep '^seen')
verilator --binary -Wno-fatal -Wno-lint --top-module probe probe.v > build.log 2>&1 || { cat build.log; exit 1; }
seen=$(./obj_dir/Vprobe +from=-1 | grep '^seen')
echo "8'd16 << -1, 8'd16 << -2, a variable just set, a loop: iverilog ${icarus#seen }, verilator ${seen#seen }"
if [ "$icarus" != 'seen 0 0 0 0' ]; then
  echo "iverilog is not what this probe expects."
  exit 1
fi
if [ "$seen" != 'seen 8 4 8 0' ]; then
  echo "The behaviour has changed: a shift by -1 is another number."
  exit 1
fi
echo "Still so: known beforehand, a shift by -1 to the left is one to the right."
