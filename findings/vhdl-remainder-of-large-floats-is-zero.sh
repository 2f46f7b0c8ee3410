#!/usr/bin/env bash
# In VHDL's float_pkg 2560 rem 3 is 0 as bfloat16, and 134217728 rem 3 is 0 in single precision; they are 1 and 2.
#
# Package: Debian 12's ghdl 2.0.0, with the packages of IEEE 1076-2008 it carries (installed with apt-get where it is missing, which needs root).
#
# Expected: the remainder of two floats is a float, so that rem and mod are exact, as IEEE 754 has it and as fmod of C is.
# Seen: where the exponents are further apart than the fraction has bits and two more, both are 0, whatever the numbers, and without a message: for 3
# from 2 to the 11th on as bfloat16 and from 2 to the 27th on in single precision. Below that they are right.
# Why it matters: arguments of sine and cosine, phases and addresses are reduced by rem. With the seven bits of a bfloat16 the limit is a quotient of
# about a thousand, and 0 is a plausible remainder.
# Output seen: bfloat16 320, 640, 1280 rem 3 2, 1, 2 and 2560, 5120 rem 3 0; single 67108864 rem 3 1 and 134217728 rem 3 0; mod the same.
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
    procedure tell(l, r, known : integer; fraction : natural) is
      variable a, b : float(8 downto -fraction);
    begin
      a := to_float(l, 8, fraction);
      b := to_float(r, 8, fraction);
      report integer'image(fraction) & " bits: " & integer'image(to_integer(a)) & " rem " & integer'image(to_integer(b)) & " is "
        & integer'image(to_integer(a rem b)) & " mod " & integer'image(to_integer(a mod b)) & " exactly " & integer'image(known) & ";";
    end procedure;
    variable power : natural := 64;
  begin
    -- 5 times a power of two has the remainder 2 or 1 by 3.
    for i in 1 to 5 loop
      tell(5 * power, 3, (5 * power) mod 3, 7);
      power := power * 2;
    end loop;
    tell(67108864, 3, 67108864 mod 3, 23);
    tell(134217728, 3, 134217728 mod 3, 23);
    wait;
  end process;
end architecture;
EOV
ghdl -a --std=08 probe.vhd
ghdl --elab-run --std=08 probe 2>&1 | sed -n 's/.*(report note): \(.*\);$/\1/p' | tee seen
if [[ $(grep -c 'is \(.*\) mod \1 exactly \1$' seen) -ne 4 ]]; then
  echo 'The behaviour has changed: remainders are exact, or wrong in other places.'
  exit 1
fi
if [[ $(grep -c 'is 0 mod 0 exactly [12]$' seen) -ne 3 ]]; then
  echo 'The behaviour has changed: remainders of large numbers are not 0.'
  exit 1
fi
echo 'Still so: the remainder of what is large is 0.'
