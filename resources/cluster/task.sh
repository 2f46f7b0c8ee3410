#!/bin/sh
# One step of a command that several tasks share, whatever starts them: Slurm, Kubernetes, GNU parallel.
#
#   task.sh STEP OUT COMMAND FOLDER [OPTIONS]
#
# STEP     search   find the layer-wise bits, once for all shards (profile, reproduce and methods)
#          shard    evaluate one shard, into a store of its own; SHARD says which (default: auto, the task of a Slurm array)
#          merge    join the shards, and write the report
# OUT      a folder that all tasks see: stores and reports go there
# COMMAND  batch, profile, reproduce or methods, with the FOLDER and OPTIONS that it would have on one machine
#
# Every step can be given again: what is done is not done anew. FOVEA names the command line where it is not beside this file.
set -eu
if [ $# -lt 4 ]; then
  echo 'usage: task.sh search|shard|merge OUT batch|profile|reproduce|methods FOLDER [OPTIONS]' >&2
  exit 2
fi
step=$1 out=$2 command=$3 folder=$4
shift 4
fovea=${FOVEA:-$(dirname "$0")/../../bin/fovea}
mkdir -p "$out/shards"

case $step in
search)
  exec "$fovea" "$command" "$folder" "$@" --search-only --db "$out/search.sqlite"
  ;;
shard)
  [ "$command" = batch ] || ! [ -e "$out/search.sqlite" ] || set -- "$@" --search-from "$out/search.sqlite"
  exec "$fovea" "$command" "$folder" "$@" --shard "${SHARD:-auto}" --db "$out/shards/{shard}.sqlite"
  ;;
merge)
  "$fovea" runs merge "$out/shards" --db "$out/merged.sqlite"
  if [ "$command" = batch ]; then
    "$fovea" runs show merged --db "$out/merged.sqlite" >"$out/report.txt"
    exec "$fovea" report merged --db "$out/merged.sqlite" --out "$out/report.html"
  fi
  exec "$fovea" "$command" "$folder" "$@" --db "$out/merged.sqlite" >"$out/report.txt"
  ;;
*)
  echo "task.sh: expected search, shard or merge, found $step" >&2
  exit 2
  ;;
esac
