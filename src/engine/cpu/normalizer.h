// A Normalization with its vectors in memory, for the operations that end with one.
#pragma once

#include <cassert>
#include <vector>

#include "engine/cpu/isa/kernels.h"
#include "engine/cpu/packed_weight.h"
#include "engine/program.h"

namespace hasten::engine::cpu {

class Normalizer {
 public:
  Normalizer(const Normalization& normalization, std::size_t width, NormalizeKernel kernel)
      : kernel_(kernel),
        width_(width),
        gamma_(padded_vector(&normalization.gamma, width)),
        beta_(padded_vector(normalization.beta ? &*normalization.beta : nullptr, width)),
        epsilon_(normalization.epsilon) {
    assert(static_cast<std::size_t>(normalization.gamma.size()) == width);
  }

  // output = normalize(input + residual); `residual` may be null, `output` one of the inputs.
  void run(const float* input, const float* residual, float* output, std::size_t rows) const {
    kernel_({.input = input,
             .residual = residual,
             .rows = rows,
             .width = width_,
             .gamma = gamma_.data(),
             .beta = beta_.data(),
             .epsilon = epsilon_,
             .output = output});
  }

 private:
  NormalizeKernel kernel_;
  std::size_t width_;
  std::vector<float> gamma_;
  std::vector<float> beta_;
  float epsilon_;
};

}  // namespace hasten::engine::cpu
