#include "engine/cuda/normalization_view.h"

#include <fmt/format.h>

#include "base/error.h"

namespace hasten::engine::cuda {

NormalizationView view_of(const Normalization& normalization, WeightStore& weights) {
  NormalizationView view;
  view.gamma = weights.values<float>(normalization.gamma);
  if (normalization.beta) view.beta = weights.values<float>(*normalization.beta);
  view.epsilon = normalization.epsilon;
  return view;
}

void check_row_width(std::size_t width) {
  constexpr std::size_t k_most = (std::size_t{47} << 10) / sizeof(float);
  if (width <= k_most) return;
  fail(ErrorCode::k_unsupported,
       fmt::format("rows of {} numbers are normalised on no GPU here", width), {},
       fmt::format("the kernel keeps a row in shared memory, {} numbers at most", k_most),
       "Use --device cpu.");
}

}  // namespace hasten::engine::cuda
