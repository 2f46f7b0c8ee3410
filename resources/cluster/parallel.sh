#!/bin/sh
# Evaluates a folder with GNU parallel, on this machine or, with HOSTS=FILE (see --sshloginfile), on others that see the same files.
#
#   parallel.sh TASKS OUT COMMAND FOLDER [OPTIONS]
#   HOSTS=hosts.txt parallel.sh 8 /shared/photos batch /shared/data --labels /shared/labels.csv
#
# JOBS is how many tasks a machine does at once (default 1: a task keeps all its cores busy).
set -eu
if [ $# -lt 4 ]; then
  echo 'usage: parallel.sh TASKS OUT batch|profile|reproduce|methods FOLDER [OPTIONS]' >&2
  exit 2
fi
tasks=$1 out=$2 command=$3
shift
task=$(CDPATH='' cd "$(dirname "$0")" && pwd)/task.sh
mkdir -p "$out"

[ "$command" = batch ] || "$task" search "$@"
# -N0: the numbers say how many tasks there are, and are no words of theirs; -q: words stay as they are, spaces included.
parallel ${HOSTS:+--sshloginfile "$HOSTS"} --jobs "${JOBS:-1}" --retries 3 --joblog "$out/jobs.log" -q -N0 \
  env "SHARD=auto/$tasks" ${FOVEA:+"FOVEA=$FOVEA"} "$task" shard "$@" ::: $(seq "$tasks")
exec "$task" merge "$@"
