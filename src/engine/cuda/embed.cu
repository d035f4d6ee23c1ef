// Embed: the sum of each token's rows of the tables, normalised.
#include <cassert>
#include <string>

#include "engine/cuda/builder.h"
#include "engine/cuda/launch.h"
#include "engine/cuda/normalizer.h"

namespace hasten::engine::cuda {
namespace {

constexpr std::size_t k_most_lookups = 4;

struct EmbedTask {
  const float* tables[k_most_lookups] = {};
  std::size_t lookups = 0;
  std::size_t width = 0;
  const std::int32_t* counts = nullptr;
  const std::int32_t* rows = nullptr;  // lookups x token_bound
  std::size_t token_bound = 0;
  NormalizationView normalization;
};

// A block a token.
template <typename T, int N>
__global__ void embed(EmbedTask task, Destination<T> to) {
  const std::size_t token = blockIdx.x;
  if (token >= static_cast<std::size_t>(task.counts[k_count_tokens])) return;
  float* sum = shared_row();
  for_numbers<N>(task.width, [&](std::size_t i) {
    float values[N] = {};
#pragma unroll  // so that the tables' addresses stay in registers
    for (std::size_t lookup = 0; lookup < k_most_lookups; ++lookup) {
      if (lookup >= task.lookups) break;
      const auto row = static_cast<std::size_t>(task.rows[lookup * task.token_bound + token]);
      float numbers[N];
      load_numbers(task.tables[lookup] + row * task.width + i, numbers);
#pragma unroll
      for (int n = 0; n < N; ++n) values[n] += numbers[n];
    }
    store_shared(values, sum + i);
  });
  __syncthreads();
  finish_row<N>(sum, task.width, task.normalization, to, token * task.width);
}

template <typename T>
class EmbedOperation final : public Operation {
 public:
  EmbedOperation(const Embed& embed, const Builder& builder)
      : output_(builder.forms(embed.output)) {
    task_.width = builder.width(embed.output);
    check_row_width(task_.width);
    assert(!embed.lookups.empty() && embed.lookups.size() <= k_most_lookups);
    for (const Lookup& lookup : embed.lookups) {
      assert(static_cast<std::size_t>(lookup.table.dims[1]) == task_.width);
      task_.tables[task_.lookups++] = builder.weights.template values<float>(lookup.table);
    }
    if (embed.normalization) task_.normalization = view_of(*embed.normalization, builder.weights);
  }

  void enqueue(const DeviceBatch& batch, const Lane& lane) const override {
    EmbedTask task = task_;
    task.counts = batch.counts;
    task.rows = batch.rows;
    task.token_bound = batch.size_class.tokens;
    for_row_width(task.width, [&](auto at_once) {
      launch(embed<T, at_once()>, row_grid(batch.size_class.tokens, task.width), lane.stream, task,
             lane.workspace->destination<T>(output_));
    });
  }

  std::string name() const override { return "Embed " + std::to_string(task_.width); }

 private:
  Forms output_;
  EmbedTask task_;
};

}  // namespace

template <typename T>
std::unique_ptr<Operation> make_operation(const Embed& embed, const Builder& builder) {
  return std::make_unique<EmbedOperation<T>>(embed, builder);
}
HASTEN_INSTANTIATE(Embed)

}  // namespace hasten::engine::cuda
