#!/usr/bin/env bash
# finite() of VHDL's float_pkg is true for infinity and false for 1.0.
#
# Package: Debian 12's ghdl 2.0.0, with the packages of IEEE 1076-2008 it carries (installed with apt-get where it is missing, which needs root).
#
# Expected: finite is one of the functions that IEEE 754 recommends: true for zero and all numbers, false for infinities and what is no number.
# Seen: for all but what is no number it is the other way round. 1.0, 0.0 and the largest half float, 65504, are not finite; 65520, which rounds to
# infinity, and minus infinity are. classfp and isnan are right. The body of the package returns true if the class is one of the two infinities.
# Why it matters: test benches of floating-point units check for overflow with it, and let exactly the overflows pass.
# Output seen: 1.0 false, 0.0 false, 65504 false, 65520 true, -65520 true, not a number false; classes POS_NORMAL and POS_INF.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s ghdl > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq ghdl > /dev/null; }
ghdl --version | sed -n 1p

cat > probe.vhd <<'EOF'
library ieee;
use ieee.float_pkg.all;

entity probe is
end entity;

architecture test of probe is
begin
  process
    -- A half float: 5 bits of exponent, 10 of fraction.
    procedure tell(what : string; number : float(5 downto -10)) is
    begin
      report what & " finite " & boolean'image(finite(number)) & ", nan " & boolean'image(isnan(number)) & ", class "
        & valid_fpstate'image(classfp(number)) & ";";
    end procedure;
  begin
    tell("1.0:", to_float(1.0, 5, 10));
    tell("0.0:", to_float(0.0, 5, 10));
    tell("65504:", to_float(65504.0, 5, 10));
    tell("65520:", to_float(65520.0, 5, 10));
    tell("-65520:", to_float(-65520.0, 5, 10));
    tell("no number:", qnanfp(5, 10));
    wait;
  end process;
end architecture;
EOF
ghdl -a --std=08 probe.vhd
ghdl -e --std=08 probe
ghdl -r --std=08 probe 2>&1 | sed 's/.*(report note): *//' | tee seen.txt
has() { grep -q -i -- "^$1" seen.txt; }
if ! has '1.0:.*class pos_normal;' || ! has '65520:.*class pos_inf;' || ! has '-65520:.*class neg_inf;' || ! has 'no number:.*nan true'; then
  echo "The classes are not what this probe expects."
  exit 1
fi
if ! has '1.0: finite false' || ! has '0.0: finite false' || ! has '65504: finite false' || ! has '65520: finite true' || ! has '-65520: finite true'; then
  echo "The behaviour has changed: numbers are finite."
  exit 1
fi
echo "Still so: what is infinite is finite."
