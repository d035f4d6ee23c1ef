// The GPU backend: what the plug-in exports.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/cuda_plugin.h"

namespace hasten::engine::cuda {

// See CudaPlugin.
CudaStatus status();
std::unique_ptr<const Executable> prepare(const Program& program, const std::vector<int>& devices);
double measure_peak(Precision precision, int device);

// The oldest cards with kernels of ours.
inline constexpr int k_oldest_major = 7;
inline constexpr int k_oldest_minor = 5;
// Whether a card multiplies float8: from Ada (compute capability 8.9) on.
bool multiplies_float8(int device);

}  // namespace hasten::engine::cuda
