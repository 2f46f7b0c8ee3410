#!/usr/bin/env bash
# mac(2, 3, -5) of VHDL's float_pkg, 2 * 3 - 5, is -15, and mac(2, 3, -7) is 15.
#
# Package: Debian 12's ghdl 2.0.0, with the packages of IEEE 1076-2008 it carries (installed with apt-get where it is missing, which needs root).
#
# Expected: mac multiplies and adds with one rounding: "mac(l, r, c)" is l * r + c. "*" and "+" of the same package give 1 and -1.
# Seen: where the product is of the other sign and nearly as large as what is added, the result is wrong in sign and size: -15 and 15. 2 * 3 + 1, 2 *
# 3 - 6 and 2 * 3 - 1 are right. Single precision does the same as half precision.
# Why it matters: mac is the one operation of a neuron, and the reference against which a multiply-accumulate unit is tested. Sums of positive numbers
# agree, and the mistake shows where weights of both signs nearly cancel.
# Output seen: mac(2, 3, -5) -15 in half and -15 in single precision, mac(2, 3, -7) 15; 2 * 3 - 5 is 1 by "*" and "+".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s ghdl > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq ghdl > /dev/null; }
ghdl --version | sed -n 1p

cat > probe.vhd <<'EOV'
library ieee;
use ieee.float_pkg.all;

entity probe is
end entity;

architecture test of probe is
begin
  process
    procedure tell(l, r, c : integer; exponent, fraction : natural) is
      variable a, b, d : float(exponent downto -fraction);
    begin
      a := to_float(l, exponent, fraction);
      b := to_float(r, exponent, fraction);
      d := to_float(c, exponent, fraction);
      report "half " & boolean'image(exponent = 5) & ": " & integer'image(c) & ": mac " & integer'image(to_integer(mac(a, b, d)))
        & ", product and sum " & integer'image(to_integer(a * b + d)) & ";";
    end procedure;
    type numbers is array (natural range <>) of integer;
    constant ADDED : numbers := (1, -1, -3, -5, -6, -7, -9, -20);
  begin
    for i in ADDED'range loop
      tell(2, 3, ADDED(i), 5, 10);
      tell(2, 3, ADDED(i), 8, 23);
    end loop;
    wait;
  end process;
end architecture;
EOV
ghdl -a --std=08 probe.vhd
ghdl -e --std=08 probe
ghdl -r --std=08 probe 2>&1 | sed 's/.*(report note): *half true/half/; s/.*(report note): *half false/single/' | tee seen.txt
has() { grep -q -x -- "$1" seen.txt; }
for added in 1 -1 -3 -5 -6 -7 -9 -20; do
  for precision in half single; do
    grep -q -x -- "$precision: $added: mac .*, product and sum $((2 * 3 + added));" seen.txt || { echo "The plain product and sum is not what this probe expects."; exit 1; }
  done
done
if ! has 'half: 1: mac 7,.*' || ! has 'half: -6: mac 0,.*'; then
  echo "The other sums are not what this probe expects."
  exit 1
fi
if ! has 'half: -5: mac -15,.*' || ! has 'half: -7: mac 15,.*' || ! has 'single: -5: mac -15,.*'; then
  echo "The behaviour has changed: mac is another number."
  exit 1
fi
echo "Still so: 2 * 3 - 5 is -15."
