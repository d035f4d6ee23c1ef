#include "engine/generic/step_call.h"

#include <utility>

namespace hasten::engine::generic {
namespace {

Array array_over(const std::shared_ptr<float>& piece, std::size_t offset, std::size_t count,
                 DType dtype, Dims dims) {
  return {dtype, std::move(dims), {piece.get() + offset, count}, {}, piece};
}

}  // namespace

float* StepCall::make_reals(std::size_t output, std::size_t text, DType dtype, Dims dims) {
  const std::size_t count = graph::checked_count(dims);
  const std::shared_ptr<float> piece = bench.pool.take(count);
  outputs[output][text] = array_over(piece, 0, count, dtype, std::move(dims));
  return piece.get();
}

float* StepCall::make_reals(std::size_t output, DType dtype, std::vector<Dims> dims) {
  std::vector<std::size_t> counts;
  std::size_t total = 0;
  for (const Dims& each : dims) {
    counts.push_back(graph::checked_count(each));
    total += counts.back();
  }
  const std::shared_ptr<float> piece = bench.pool.take(total);
  std::size_t offset = 0;
  for (std::size_t text = 0; text < dims.size(); ++text) {
    outputs[output][text] = array_over(piece, offset, counts[text], dtype, std::move(dims[text]));
    offset += counts[text];
  }
  return piece.get();
}

std::int64_t* StepCall::make_integers(std::size_t output, std::size_t text, DType dtype,
                                      Dims dims) {
  const std::size_t count = graph::checked_count(dims);
  const std::shared_ptr<float> piece = bench.pool.take(2 * count);
  auto* const integers = reinterpret_cast<std::int64_t*>(piece.get());
  outputs[output][text] = {dtype, std::move(dims), {}, {integers, count}, piece};
  return integers;
}

std::vector<Stretch> stretches_of(const StepCall& call, std::size_t index) {
  std::vector<Stretch> stretches;
  const std::size_t texts = call.is_shared(index) ? 1 : call.texts;
  for (std::size_t text = 0; text < texts; ++text) {
    const std::span<const float> reals = call.input(index, text).reals;
    const bool goes_on =
        !stretches.empty() && stretches.back().values + stretches.back().floats == reals.data();
    if (goes_on) {
      stretches.back().floats += reals.size();
    } else {
      stretches.push_back({reals.data(), reals.size(), text});
    }
  }
  return stretches;
}

}  // namespace hasten::engine::generic
