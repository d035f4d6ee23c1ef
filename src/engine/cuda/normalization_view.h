// A normalisation's weights on the device.
#pragma once

#include <cstddef>

#include "engine/cuda/weight_store.h"
#include "engine/program.h"

namespace hasten::engine::cuda {

// As engine::Normalization, on the device; `gamma` null: rows are not normalised. `beta` may be null.
struct NormalizationView {
  const float* gamma = nullptr;
  const float* beta = nullptr;
  float epsilon = 0;
};

// A tensor of the weights stays where it is as long as the store does.
NormalizationView view_of(const Normalization& normalization, WeightStore& weights);

// Throws k_unsupported for a row that does not fit into shared memory.
void check_row_width(std::size_t width);

}  // namespace hasten::engine::cuda
