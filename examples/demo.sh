#!/bin/sh
# demo.sh HASTEN: what Hasten does, on one screen, with the bundled model.
set -eu
hasten=$(realpath "$1")
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

step() { printf '\n\033[1m$ hasten %s\033[0m\n' "$1"; }

step "convert examples/tweet-sentiment model.onnx"
"$hasten" convert tweet-sentiment "$work/model.onnx" | sed "s|$work/||"

step "optimize model.onnx model.onnx"
"$hasten" optimize "$work/model.onnx" "$work/model.onnx" | sed "s|$work/||"

step 'predict model.onnx TEXT...'
"$hasten" predict "$work/model.onnx" --logits \
  "Today is the first day of my new job, so excited" "Hello I love you" "This is a test" \
  "laid off again, third time this year" "¡Por fin encontré trabajo! 🎉"

step "label --model model.onnx --input tweets.csv --output scores.parquet --id-column tweet_id"
"$hasten" label --model "$work/model.onnx" --input tweets.csv --output "$work/scores.parquet" \
  --id-column tweet_id | sed "s|$work/||"

step "bench model.onnx --input tweets.csv"
"$hasten" bench "$work/model.onnx" --input tweets.csv

printf '\n\033[1mAre the scores PyTorch'"'"'s?\033[0m\n'
"$hasten" predict "$work/model.onnx" --json --quiet --input ../tests/goldens/tweet_sentiment/golden.jsonl \
  >"$work/scores.jsonl"
../.venv/bin/python check_scores.py "$work/scores.jsonl" ../tests/goldens/tweet_sentiment/golden.jsonl
