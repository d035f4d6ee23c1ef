#!/bin/sh
# gpu_check.sh [OPTION...]: on a machine with a GPU, the CUDA toolkit and python3, without a network: builds the program, the
# plug-in for that card and the kernels' tests, then tests and measures all of docs/gpu.md on it (bench/gpu/run.py says in
# what order and takes the options), within eight minutes. Figures go to docs/numbers.md and build/gpu_check.
# HASTEN_GPU_PREBUILT=1 takes what lies in build/cuda as it is, for a machine without a compiler.
set -eu
cd "$(dirname "$0")/.."
began=$(date +%s)
if [ "${HASTEN_GPU_PREBUILT:-}" != 1 ]; then
  PATH=$PATH:/usr/local/cuda/bin
  export PATH
  # Again even where it was done before: what was configured for every card is then for this one alone.
  mkdir -p build/cuda
  HASTEN_CUDA_ARCHITECTURES=native cmake --preset cuda >build/cuda/configure.log 2>&1 || { cat build/cuda/configure.log; exit 1; }
  cmake/build.sh cuda hasten hasten_cuda_plugin hasten_cuda_device_tests
fi
exec python3 bench/gpu/run.py --hasten build/cuda/hasten --tests build/cuda/src/engine/cuda/hasten_cuda_device_tests \
  --seconds $((480 - $(date +%s) + began)) --write-numbers "$@"
