#!/bin/bash
# npm run try:slurm: the scripts of resources/cluster on a real Slurm, as root on Debian with the packages slurm-wlm and munge. Four
# nodes on the loopback interface, each in a process space of its own; 60 photos over them with batch and reproduce; a node is killed
# in the midst of its shard, and what it did is queued again. The merged results and reports are to be those of one machine.
# Everything it starts and writes is gone when it ends. No part of the tests. With the name of one command, that one alone.
set -euo pipefail
project=$(cd "$(dirname "$0")/../.." && pwd)
fovea=$project/bin/fovea
commands=${*:-batch reproduce}

fail() {
  echo "try:slurm: $*" >&2
  exit 1
}
for program in munged slurmctld slurmd sbatch; do
  command -v "$program" >/dev/null || PATH=$PATH:/usr/sbin
  command -v "$program" >/dev/null || fail "$program is missing: apt-get install slurm-wlm munge"
done
[ "$(id -u)" = 0 ] || fail 'nodes with process spaces of their own need root'
[ -e "$project/out/main/cli.js" ] || fail 'not built yet: npm run build'

place=$(mktemp -d /tmp/fovea-slurm-XXXXXX)
children=()
clean() {
  # The spaces of the nodes end with their first process, jobs included.
  for child in "${children[@]}"; do kill -KILL "$child" 2>/dev/null || true; done
  wait 2>/dev/null || true
  if [ -n "${KEEP:-}" ]; then echo "kept: $place"; else rm -rf "$place"; fi
}
trap clean EXIT
trap 'exit 130' INT TERM
began=$SECONDS
say() { echo "$((SECONDS - began)) s: $*"; }

# --- Slurm ---------------------------------------------------------------------------------------------------------------------
export SLURM_CONF=$place/slurm.conf
mkdir -p "$place"/{state,spool,munge}
chmod 755 "$place"
chmod 700 "$place/munge"
dd if=/dev/urandom of="$place/munge/key" bs=1024 count=1 status=none
chmod 600 "$place/munge/key"
munged --foreground --force --key-file="$place/munge/key" --socket="$place/munge.socket" --pid-file="$place/munge/pid" \
  --log-file="$place/munge/log" --seed-file="$place/munge/seed" >"$place/munge/out" 2>&1 &
children+=($!)
port=$((20000 + RANDOM % 20000))
cat >"$SLURM_CONF" <<CONF
ClusterName=fovea
SlurmctldHost=$(hostname)(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$place/munge.socket,cred_expire=20
SlurmctldPort=$port
SlurmctldPidFile=$place/slurmctld.pid
SlurmdPidFile=$place/slurmd-%n.pid
SlurmdSpoolDir=$place/spool/%n
StateSaveLocation=$place/state
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
SlurmdTimeout=10
KillWait=5
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
NodeName=n[1-4] NodeHostname=localhost NodeAddr=127.0.0.1 Port=[$((port + 1))-$((port + 4))] CPUs=1 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
slurmctld -D >"$place/slurmctld.log" 2>&1 &
children+=($!)
declare -A node
for name in n1 n2 n3 n4; do
  mkdir "$place/spool/$name"
  unshare --fork --pid --uts --mount-proc --kill-child=KILL \
    sh -c "hostname $name && exec slurmd -D -N $name" >"$place/slurmd-$name.log" 2>&1 &
  children+=($!)
  node[$name]=$!
  # That it was killed is told below.
  disown $!
done
for _ in $(seq 120); do
  [ "$(sinfo --noheader --format=%D --states=idle 2>/dev/null || true)" = 4 ] && break
  sleep 1
done
sinfo --noheader --format=%D --states=idle | grep -qx 4 || fail "the nodes do not come up: $(tail -n 3 "$place"/slurm*.log)"
say 'Slurm is up, with four nodes'

# --- One machine ---------------------------------------------------------------------------------------------------------------
export FOVEA_DATA=$place/data
export CPUS=1
photos=$place/photos
node "$project/test/cluster/photos.ts" "$photos" 60
for command in $commands; do
  "$fovea" "$command" "$photos" --db "$place/whole-$command.sqlite" --quiet >"$place/whole-$command.txt"
  say "$command on one machine"
done

# --- Four nodes ----------------------------------------------------------------------------------------------------------------
# The digest of the results of the run that is no search.
digest() {
  "$fovea" runs list --db "$1" --json |
    node -e 'const runs = JSON.parse(require("fs").readFileSync(0)).filter(({ id }) => !id.startsWith("search-"));
      if (runs.length !== 1) throw new Error(`expected one run, found ${runs.map(({ id }) => id)}`);
      console.log(runs[0].status, runs[0].images, runs[0].failed, runs[0].resultsSha256)'
}
# What differs between two runs of the same: their names and times.
same_report() {
  diff <(masked "$1") <(masked "$2") || fail "the reports differ: $1 $2"
}
masked() {
  sed -E '/^(Begun|Time) /d; s/merged-[0-9a-f]{12}|[0-9]{8}-[0-9]{6}-[0-9a-f]{6}/RUN/g' "$1"
}
state() { scontrol show job "$1" --oneliner 2>/dev/null | grep -o 'JobState=[A-Z_]*' | sort -u | tr '\n' ' '; }
finished() {
  "$fovea" runs list --db "$1" --json 2>/dev/null |
    node -e 'const text = require("fs").readFileSync(0, "utf8"); console.log(text ? Math.max(0, ...JSON.parse(text).filter(({ shard }) => shard).map(({ finished }) => finished)) : 0)'
}

for command in $commands; do
  out=$place/out-$command
  merge=$("$project/resources/cluster/slurm.sh" 4 "$out" "$command" "$photos" --workers 1)
  killed=
  while :; do
    case $(state "$merge") in
      *COMPLETED*) break ;;
      *FAILED* | *CANCELLED* | *TIMEOUT*) fail "$command: $(state "$merge") $(tail -n 5 "$out"/logs/*)" ;;
    esac
    if [ "$command" = reproduce ] && [ -z "$killed" ] && [ -e "$out/shards/2.sqlite" ]; then
      done=$(finished "$out/shards/2.sqlite")
      if [ "$done" -gt 0 ] && [ "$done" -lt 15 ]; then
        killed=$(squeue --noheader --states=running --name=fovea-shard --format='%K %N' | sed -n 's/^2 //p')
        if [ -n "$killed" ]; then
          kill -KILL "${node[$killed]}"
          say "$killed is killed, with $done of 15 images of its shard done"
        fi
      fi
    fi
    sleep 1
  done
  say "$command on four nodes"
  if [ "$command" = reproduce ]; then
    [ -n "$killed" ] || fail 'no node was killed: its shard was done too soon'
    sinfo --noheader --nodes="$killed" --format=%t | grep -q down || fail "$killed is not down"
    grep -h 'waiting a minute\|going on' "$out"/logs/*.log || true
  fi
  one=$(digest "$place/whole-$command.sqlite")
  four=$(digest "$out/merged.sqlite")
  echo "  one machine: $one"
  echo "  four nodes:  $four"
  [ "$one" = "$four" ] || fail "$command: the results differ"
  same_report "$place/whole-$command.txt" "$out/report.txt"
  say "$command: the digests are equal, and so are the reports"
done
