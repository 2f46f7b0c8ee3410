#!/usr/bin/env bash
# mkdir with `recursive: true` never comes back in Node where the system says ENOENT of a folder whose parent is there.
#
# Package: node 24.21.0 (the npm package brings the binary). Linux.
#
# Expected: the system's error, ENOENT, as without `recursive` and as from `mkdir -p`.
# Seen: mkdirSync('/proc/new', { recursive: true }) takes all of a core for ever, and so does the promise: on ENOENT the parent is made and
# the folder tried again, without end, since the parent is there already.
# Why it matters: /proc is no place for data, but automounted homes (autofs) answer the same way for a user they do not know. A program that
# makes its data folder there hangs at its start and says nothing.
# Output seen: without recursive ENOENT; with it, killed after 5 s.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --no-audit --no-fund node@24.21.0
node=node_modules/node/bin/node
"$node" --version
"$node" -e "try { require('fs').mkdirSync('/proc/new') } catch (error) { console.log('plain: ' + error.code) }"
for way in "require('fs').mkdirSync('/proc/new', { recursive: true })" "require('fs').promises.mkdir('/proc/new', { recursive: true })"; do
  if timeout -s KILL 5 "$node" -e "$way" 2> error.txt; then code=0; else code=$?; fi
  echo "$way: exit $code"
  [ "$code" -eq 137 ] || { echo 'It comes back: the behaviour has changed.' >&2; exit 1; }
done
