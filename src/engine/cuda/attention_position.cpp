#include "engine/cuda/attention_position.h"

#include <vector>

namespace hasten::engine::cuda {
namespace {

// rows x weight + bias, summed in double precision: done once.
std::vector<float> project(const DistanceVectors& vectors) {
  std::vector<float> rows = to_float32(vectors.rows);
  if (!vectors.weight) return rows;
  const Weight& weight = *vectors.weight;
  const std::vector<float> stored = to_float32(weight.values);
  const auto inputs = static_cast<std::size_t>(weight.inputs());
  const auto outputs = static_cast<std::size_t>(weight.outputs());
  std::vector<float> bias(outputs);
  if (vectors.bias) bias = to_float32(*vectors.bias);
  std::vector<float> result;
  for (std::size_t row = 0; row < rows.size(); row += inputs) {
    for (std::size_t output = 0; output < outputs; ++output) {
      double sum = bias[output];
      for (std::size_t k = 0; k < inputs; ++k) {
        const std::size_t at = weight.transposed ? output * inputs + k : k * outputs + output;
        sum += double{rows[row + k]} * double{stored[at]};
      }
      result.push_back(static_cast<float>(sum));
    }
  }
  return result;
}

DistanceVectorsView view_of(const DistanceVectors& vectors, std::int64_t head_size,
                            WeightStore& weights) {
  const std::vector<float> rows = project(vectors);
  DistanceVectorsView view;
  view.row_stride = rows.size() / static_cast<std::size_t>(vectors.rows.dims[0]);
  view.head_stride = view.row_stride == static_cast<std::size_t>(head_size)
                         ? 0
                         : static_cast<std::size_t>(head_size);
  view.rows = weights.keep<float>(rows);
  view.entries = weights.keep<std::int32_t>(vectors.entries);
  view.scale = vectors.scale;
  return view;
}

}  // namespace

PositionView view_of(const Attention& attention, WeightStore& weights) {
  PositionView view;
  view.any = attention.distance_scores || attention.rotation || attention.window;
  if (attention.window) view.window = *attention.window;
  if (attention.rotation) {
    view.cosines = weights.values<float>(attention.rotation->cosines);
    view.sines = weights.values<float>(attention.rotation->sines);
  }
  if (!attention.distance_scores) return view;
  const DistanceScores& scores = *attention.distance_scores;
  view.limit = scores.limit;
  if (scores.by_query) view.by_query = view_of(*scores.by_query, attention.head_size, weights);
  if (scores.by_key) view.by_key = view_of(*scores.by_key, attention.head_size, weights);
  if (scores.bias) view.bias = weights.values<float>(*scores.bias);
  return view;
}

}  // namespace hasten::engine::cuda
