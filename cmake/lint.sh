#!/bin/sh
# Checks the format of every source file and runs clang-tidy over the compilation database; --fix formats.
set -eu
cd "$(dirname "$0")/.."
sources=$(git ls-files '*.cpp' '*.h' '*.cu')
if [ "${1:-}" = --fix ]; then
  # shellcheck disable=SC2086
  exec clang-format-14 -i $sources
fi
# shellcheck disable=SC2086
clang-format-14 --dry-run --Werror $sources
[ -f build/release/compile_commands.json ] || cmake --preset release >/dev/null
# Without the options that only GCC knows.
mkdir -p build/lint
sed -E 's/ -(fno-tree-pre|Wno-maybe-uninitialized|Wno-restrict|Wno-stringop-overflow|Wno-stringop-overread|fno-reorder-blocks-and-partition)\b//g' \
  build/release/compile_commands.json >build/lint/compile_commands.json
git ls-files '*.cpp' | grep -v _test.cpp | xargs -P "$(nproc)" -n 4 clang-tidy-14 --quiet -p build/lint
