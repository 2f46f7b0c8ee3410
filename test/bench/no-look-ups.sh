#!/usr/bin/env bash
# A batch of a minute looks nothing up and connects to nothing: `test/bench/no-look-ups.sh [folder of photos]`, from the project's root, with strace.
# Without CI in the environment, which silences ONNX Runtime's telemetry by itself.
set -euo pipefail
photos=${1:-resources/samples}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
end=$((SECONDS + 60))
rounds=0
while [ $SECONDS -lt $end ]; do
  env -u CI -u ORT_DISABLE_TELEMETRY HOME="$work/home" FOVEA_DATA="$work/data" \
    timeout --signal=INT 60 strace -f -qq -A -o "$work/trace" -e trace=connect,sendto,sendmsg,sendmmsg \
    node src-main/fovea.mjs batch "$photos" --no-cache --quiet >/dev/null || true
  rounds=$((rounds + 1))
done
# Sockets of a family that reaches beyond the machine; processes talk to each other by AF_UNIX and pipes.
reached=$(grep -cE 'sa_family=AF_INET6?|sin_port=htons\(53\)' "$work/trace" || true)
echo "$rounds batches, $(wc -l <"$work/trace") calls of sockets, $reached to an address of a network"
[ "$reached" -eq 0 ]
