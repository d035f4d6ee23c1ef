#!/bin/sh
# gpu_check.sh [MODEL [TEXTS]]: on a machine with a GPU and the CUDA toolkit: builds the plug-in for that card, runs
# the bundled model's goldens on it at every precision, alone and in batches, and measures it. Figures go to
# standard output. Takes about five minutes.
set -eu
cd "$(dirname "$0")/.."
model=${1:-examples/tweet-sentiment}
texts=${2:-examples/tweets.csv}

HASTEN_CUDA_ARCHITECTURES=native make build-cuda
hasten=build/cuda/hasten
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

echo "== devices"
$hasten inspect --devices
nvidia-smi --query-gpu=name,driver_version,clocks.max.sm --format=csv || true

echo "== scores against the CPU's float32"
$hasten predict "$model" --input "$texts" --json >"$out/cpu.jsonl"
for precision in fp32 fp16 bf16; do
  $hasten predict "$model" --input "$texts" --json --device cuda --precision $precision >"$out/$precision.jsonl"
  python3 bench/compare_logits.py "$out/cpu.jsonl" "$out/$precision.jsonl" $precision
  # Bitwise the same with the texts in another order, and so in other batches.
  python3 bench/compare_logits.py --reverse "$texts" "$out/reversed.jsonl"
  $hasten predict "$model" --input "$out/reversed.jsonl" --json --device cuda --precision $precision >"$out/again.jsonl"
  python3 bench/compare_logits.py --same "$out/$precision.jsonl" "$out/again.jsonl"
done

if command -v compute-sanitizer >/dev/null; then
  echo "== compute-sanitizer"
  head -n 20 "$texts" >"$out/few.csv"
  compute-sanitizer --error-exitcode 1 $hasten predict "$model" --input "$out/few.csv" --device cuda --precision bf16 >/dev/null
fi

echo "== speed, against the rate of a large matrix product in the same run"
for precision in fp32 fp16 bf16; do
  $hasten bench "$model" --input "$texts" --device cuda --precision $precision --threads 4
done
