#!/bin/sh
# Submits a folder to Slurm: a search where the command has one, an array of shards, and a merge that waits for all of them.
#
#   slurm.sh TASKS OUT COMMAND FOLDER [OPTIONS]
#   slurm.sh 100 /scratch/photos reproduce /data/photos --allow-failed 1%
#
# Partition, account, memory and the like: SBATCH_PARTITION, SBATCH_ACCOUNT, SBATCH_MEM_PER_NODE ... (man sbatch, INPUT ENVIRONMENT
# VARIABLES); CPUS is how many processors a task has (default 4). A task whose node fails is queued again and goes on where it was.
# Prints the number of the job that merges.
set -eu
if [ $# -lt 4 ]; then
  echo 'usage: slurm.sh TASKS OUT batch|profile|reproduce|methods FOLDER [OPTIONS]' >&2
  exit 2
fi
tasks=$1 out=$2 command=$3
shift
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
# Slurm runs a copy of the script, which does not see what lies beside it.
export FOVEA="${FOVEA:-$here/../../bin/fovea}"
mkdir -p "$out/logs"

# Submits a step, to begin when job $after has ended well; prints the number of its job.
submit() {
  step=$1 tasks=$2
  shift 2
  number=$(sbatch --parsable --export=ALL --requeue --kill-on-invalid-dep=yes --ntasks=1 --cpus-per-task="${CPUS:-4}" \
    --job-name="fovea-$step" --output="$out/logs/$step-%j.log" --open-mode=append ${tasks:+"--array=1-$tasks"} \
    ${after:+"--dependency=afterok:$after"} "$here/task.sh" "$step" "$@")
  # In a federation the cluster's name follows.
  echo "${number%%;*}"
}

after=
if [ "$command" != batch ]; then
  after=$(submit search '' "$@")
fi
after=$(submit shard "$tasks" "$@")
submit merge '' "$@"
