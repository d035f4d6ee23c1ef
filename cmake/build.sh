#!/bin/sh
# build.sh PRESET TARGET...: configures once and builds; quiet unless something is wrong.
set -eu
cd "$(dirname "$0")/.."
preset=$1
shift
log="build/$preset/build.log"
mkdir -p "build/$preset"
if [ ! -f "build/$preset/build.ninja" ]; then
  cmake --preset "$preset" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
fi
echo "Building $* ($preset)" >&2
cmake --build --preset "$preset" --target "$@" >"$log" 2>&1 || { tail -n 60 "$log" >&2; exit 1; }
