#!/bin/sh
# run.sh [TARGET...]: builds the fuzz targets, makes their seeds, and runs each (or those named) for
# FUZZ_SECONDS (600). Corpora grow in build/fuzz/corpus; findings land in build/fuzz/findings, and
# then the exit status is 1.
set -eu
cd "$(dirname "$0")/.."
build=build/fuzz
seconds=${FUZZ_SECONDS:-600}

if [ ! -f "$build/build.ninja" ]; then
  cmake -G Ninja -B "$build" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_COMPILER=clang++-14 \
    -DHASTEN_FUZZ=ON -DHASTEN_TESTS=OFF -DHASTEN_BENCH=OFF \
    -DHASTEN_SANITIZE=fuzzer-no-link,address,undefined >/dev/null
fi
cmake --build "$build" --target fuzz_targets
/usr/bin/python3 -B fuzz/make_seeds.py "$build/seeds"
[ $# -gt 0 ] || set -- $(cd "$build/fuzz" && ls -d fuzz_* | sed 's/^fuzz_//')

findings="$build/findings"
mkdir -p "$findings"
failed=""
for target in "$@"; do
  mkdir -p "$build/corpus/$target" "$build/seeds/$target"
  log="$build/$target.log"
  if "$build/fuzz/fuzz_$target" -max_total_time="$seconds" -max_len=100000 -timeout=0 -rss_limit_mb=1024 \
    -print_final_stats=1 -artifact_prefix="$findings/$target-" \
    "$build/corpus/$target" "$build/seeds/$target" >"$log" 2>&1; then
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    echo "$target: no finding in $seconds s, $runs runs, $(ls "$build/corpus/$target" | wc -l) inputs kept"
  else
    echo "$target: see $log and $findings"
    failed="$failed $target"
  fi
done
[ -z "$failed" ]
