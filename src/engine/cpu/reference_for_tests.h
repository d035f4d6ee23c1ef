// A program's meaning in double precision, one sequence at a time: the truth that the tests compare
// with. Also random programs and batches. For tests only.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <vector>

#include "engine/program.h"

namespace hasten::engine::cpu::reference {

using Matrix = std::vector<std::vector<double>>;

inline double activated(Activation activation, double x) {
  switch (activation) {
    case Activation::k_none:
      return x;
    case Activation::k_gelu_erf:
      return x / 2 * (1 + std::erf(x / std::sqrt(2.0)));
    case Activation::k_gelu_tanh:
      return x / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    case Activation::k_relu:
      return std::max(x, 0.0);
    case Activation::k_silu:
      return x / (1 + std::exp(-x));
    case Activation::k_tanh:
      return std::tanh(x);
    case Activation::k_sigmoid:
      return 1 / (1 + std::exp(-x));
    case Activation::k_gelu_10:
      return std::clamp(activated(Activation::k_gelu_erf, x), -10.0, 10.0);
    case Activation::k_quick_gelu:
      return x / (1 + std::exp(-1.702 * x));
    case Activation::k_relu_squared:
      return std::max(x, 0.0) * std::max(x, 0.0);
    case Activation::k_relu6:
      return std::clamp(x, 0.0, 6.0);
    case Activation::k_leaky_relu:
      return x < 0 ? 0.01 * x : x;
    case Activation::k_mish:
      return x * std::tanh(std::log1p(std::exp(x)));
    case Activation::k_laplace:
      return std::erfc(-(x - 0.707107) / (0.282095 * std::sqrt(2.0))) / 2;
  }
  return x;
}

inline void normalize(std::vector<double>& row, const Normalization& normalization) {
  double mean = 0;
  double variance = 0;
  for (const double x : row) mean += x / static_cast<double>(row.size());
  for (const double x : row) variance += (x - mean) * (x - mean) / static_cast<double>(row.size());
  const auto gamma = to_float64(normalization.gamma);
  const auto beta =
      normalization.beta ? to_float64(*normalization.beta) : std::vector<double>(row.size(), 0.0);
  for (std::size_t i = 0; i < row.size(); ++i) {
    row[i] = gamma[i] * (row[i] - mean) / std::sqrt(variance + normalization.epsilon) + beta[i];
  }
}

// weight[k][column], scales multiplied in.
inline Matrix dense(const Weight& weight) {
  std::vector<double> values;
  if (weight.values.dtype == DType::k_int8) {
    for (const std::int64_t value : to_int64(weight.values))
      values.push_back(static_cast<double>(value));
  } else {
    values = to_float64(weight.values);
  }
  const auto inputs = static_cast<std::size_t>(weight.inputs());
  const auto outputs = static_cast<std::size_t>(weight.outputs());
  const auto scales =
      weight.scales ? to_float64(*weight.scales) : std::vector<double>(outputs, 1.0);
  Matrix result(inputs, std::vector<double>(outputs));
  for (std::size_t k = 0; k < inputs; ++k) {
    for (std::size_t n = 0; n < outputs; ++n) {
      result[k][n] = values[weight.transposed ? n * inputs + k : k * outputs + n] * scales[n];
    }
  }
  return result;
}

struct Sequence {
  std::vector<std::int32_t> token_ids;
  std::vector<std::int32_t> type_ids;
};

// Runs one sequence.
class Interpreter {
 public:
  Interpreter(const Program& program, const Sequence& sequence)
      : program_(program), sequence_(sequence), buffers_(program.buffers.size()) {}

  std::vector<double> logits() {
    for (const Instruction& instruction : program_.instructions) {
      std::visit([this](const auto& op) { run(op); }, instruction);
    }
    return at(program_.logits)[0];
  }

 private:
  Matrix& at(BufferId id) { return buffers_[static_cast<std::size_t>(id)]; }

  void run(const Embed& op) {
    const auto width = static_cast<std::size_t>(program_.buffer(op.output).width);
    Matrix output(sequence_.token_ids.size(), std::vector<double>(width));
    for (const Lookup& lookup : op.lookups) {
      const auto table = to_float64(lookup.table);
      std::int64_t running = 0;
      for (std::size_t t = 0; t < output.size(); ++t) {
        const std::int64_t id = sequence_.token_ids[t];
        std::int64_t index = id;
        if (lookup.source == IndexSource::k_type_id) index = sequence_.type_ids[t];
        if (lookup.source == IndexSource::k_position) {
          index = static_cast<std::int64_t>(t) + lookup.index_offset;
        }
        if (lookup.source == IndexSource::k_padded_position) {
          const std::int64_t pad = lookup.index_offset;
          index = id == pad ? pad : pad + ++running;
        }
        for (std::size_t i = 0; i < width; ++i) {
          output[t][i] += table[static_cast<std::size_t>(index) * width + i];
        }
      }
    }
    if (op.normalization) {
      for (auto& row : output) normalize(row, *op.normalization);
    }
    at(op.output) = output;
  }

  void run(const Linear& op) {
    const Matrix weight = dense(op.weight);
    const auto outputs = static_cast<std::size_t>(op.weight.outputs());
    const auto bias = op.bias ? to_float64(*op.bias) : std::vector<double>(outputs, 0.0);
    Matrix output;
    for (std::size_t r = 0; r < at(op.input).size(); ++r) {
      std::vector<double> row = bias;
      for (std::size_t k = 0; k < weight.size(); ++k) {
        for (std::size_t n = 0; n < outputs; ++n) row[n] += at(op.input)[r][k] * weight[k][n];
      }
      for (std::size_t n = 0; n < outputs; ++n) {
        row[n] = activated(op.activation, row[n]);
        if (op.residual != k_no_buffer) row[n] += at(op.residual)[r][n];
      }
      output.push_back(row);
    }
    at(op.output) = output;
  }

  void run(const Attention& op) {
    Matrix output(at(op.query.buffer).size(),
                  std::vector<double>(static_cast<std::size_t>(op.heads * op.head_size)));
    for (std::int64_t head = 0; head < op.heads; ++head) {
      for (std::size_t q = 0; q < output.size(); ++q) attend(op, head, q, output[q]);
    }
    at(op.output) = output;
  }

  void attend(const Attention& op, std::int64_t head, std::size_t q, std::vector<double>& output) {
    const auto size = static_cast<std::size_t>(op.head_size);
    const std::size_t keys = at(op.key.buffer).size();
    std::vector<double> weights(keys);
    double sum = 0;
    const auto query = head_of(op, op.query, head, q);
    for (std::size_t k = 0; k < keys; ++k) {
      const std::int64_t distance = static_cast<std::int64_t>(q) - static_cast<std::int64_t>(k);
      if (op.window && std::abs(distance) > *op.window) continue;
      const auto key = head_of(op, op.key, head, k);
      double score = product(query, key) * op.scale;
      if (op.distance_scores) score += distance_score(op, head, distance, query, key);
      weights[k] = std::exp(score);
      sum += weights[k];
    }
    const auto column = static_cast<std::size_t>(op.value.offset + head * op.head_size);
    for (std::size_t k = 0; k < keys; ++k) {
      for (std::size_t d = 0; d < size; ++d) {
        output[static_cast<std::size_t>(head) * size + d] +=
            weights[k] / sum * at(op.value.buffer)[k][column + d];
      }
    }
  }

  static double product(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
  }

  // One head of query or key, turned by its position.
  std::vector<double> head_of(const Attention& op, const Columns& columns, std::int64_t head,
                              std::size_t row) {
    const auto size = static_cast<std::size_t>(op.head_size);
    const auto begin = at(columns.buffer)[row].begin() + columns.offset + head * op.head_size;
    const std::vector<double> x(begin, begin + op.head_size);
    if (!op.rotation) return x;
    const auto cosines = values_of<float>(op.rotation->cosines);
    const auto sines = values_of<float>(op.rotation->sines);
    std::vector<double> turned(size);
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t half = size / 2;
      const double other = i < half ? -x[i + half] : x[i - half];
      turned[i] = x[i] * double{cosines[row * size + i]} + other * double{sines[row * size + i]};
    }
    return turned;
  }

  double distance_score(const Attention& op, std::int64_t head, std::int64_t distance,
                        const std::vector<double>& query, const std::vector<double>& key) {
    const DistanceScores& scores = *op.distance_scores;
    double sum = 0;
    if (scores.by_query) {
      sum += scores.by_query->scale *
             product(query, vector_of(op, *scores.by_query, scores.limit, head, distance));
    }
    if (scores.by_key) {
      sum += scores.by_key->scale *
             product(key, vector_of(op, *scores.by_key, scores.limit, head, distance));
    }
    if (scores.bias) {
      const std::int64_t at = head * (2 * scores.limit - 1) + distance + scores.limit - 1;
      sum += values_of<float>(*scores.bias)[static_cast<std::size_t>(at)];
    }
    return sum;
  }

  static Matrix project(const DistanceVectors& vectors) {
    const auto inputs = static_cast<std::size_t>(vectors.rows.dims[1]);
    const auto values = to_float64(vectors.rows);
    Matrix rows;
    for (auto begin = values.begin(); begin != values.end(); begin += vectors.rows.dims[1]) {
      rows.emplace_back(begin, begin + vectors.rows.dims[1]);
    }
    if (!vectors.weight) return rows;
    const Matrix weight = dense(*vectors.weight);
    for (auto& row : rows) {
      std::vector<double> projected(weight[0].size());
      if (vectors.bias) projected = to_float64(*vectors.bias);
      for (std::size_t n = 0; n < projected.size(); ++n) {
        for (std::size_t k = 0; k < inputs; ++k) projected[n] += row[k] * weight[k][n];
      }
      row = projected;
    }
    return rows;
  }

  std::vector<double> vector_of(const Attention& op, const DistanceVectors& vectors,
                                std::int64_t limit, std::int64_t head, std::int64_t distance) {
    const auto entry = vectors.entries[static_cast<std::size_t>(distance + limit - 1)];
    const auto [found, is_new] = projected_.try_emplace(&vectors);
    if (is_new) found->second = project(vectors);
    const std::vector<double>& row = found->second[static_cast<std::size_t>(entry)];
    const bool shared = static_cast<std::int64_t>(row.size()) == op.head_size;
    const auto first = row.begin() + (shared ? 0 : head * op.head_size);
    return {first, first + op.head_size};
  }

  // By its definition: with the keys (their bias left out) and values.
  void run(const FoldedAttention& op) {
    const auto product_with = [&](const WeightColumns& columns, const std::optional<Tensor>& bias) {
      const BufferId buffer{static_cast<std::int32_t>(buffers_.size())};
      buffers_.emplace_back();
      run(Linear{op.input, columns.weight, bias, Activation::k_none, k_no_buffer,
                 Precision::k_float32, buffer});
      return Columns{buffer, columns.offset};
    };
    const Columns key = product_with(op.key, std::nullopt);
    const Columns value = product_with(op.value, op.value_bias);
    run(Attention{op.query, key, value, op.heads, op.head_size, op.scale, op.output});
  }

  void run(const AddNormalize& op) {
    Matrix output = at(op.input);
    for (std::size_t r = 0; r < output.size(); ++r) {
      for (std::size_t i = 0; i < output[r].size(); ++i) {
        if (op.residual != k_no_buffer) output[r][i] += at(op.residual)[r][i];
      }
      normalize(output[r], op.normalization);
    }
    at(op.output) = output;
  }

  void run(const Activate& op) {
    Matrix output = at(op.input);
    for (auto& row : output) {
      for (double& x : row) x = activated(op.activation, x);
    }
    at(op.output) = output;
  }

  void run(const Gate& op) {
    Matrix output;
    for (const auto& row : at(op.input)) {
      const std::size_t width = row.size() / 2;
      std::vector<double> products(width);
      for (std::size_t i = 0; i < width; ++i) {
        products[i] = activated(op.activation, row[i]) * row[width + i];
      }
      output.push_back(products);
    }
    at(op.output) = output;
  }

  void run(const Neighbors& op) {
    const Matrix& input = at(op.input);
    Matrix output(input.size());
    for (std::size_t t = 0; t < input.size(); ++t) {
      for (std::int64_t step = -op.radius; step <= op.radius; ++step) {
        const std::int64_t from = static_cast<std::int64_t>(t) + step;
        const bool inside = from >= 0 && from < static_cast<std::int64_t>(input.size());
        const std::vector<double> row = inside ? input[static_cast<std::size_t>(from)]
                                               : std::vector<double>(input[0].size(), 0.0);
        output[t].insert(output[t].end(), row.begin(), row.end());
      }
    }
    at(op.output) = output;
  }

  void run(const Add& op) {
    Matrix output = at(op.left);
    for (std::size_t r = 0; r < output.size(); ++r) {
      for (std::size_t i = 0; i < output[r].size(); ++i) output[r][i] += at(op.right)[r][i];
    }
    at(op.output) = output;
  }

  void run(const Pool& op) {
    const Matrix& input = at(op.input);
    std::vector<double> row = input[0];
    if (op.kind == PoolKind::k_mean) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        row[i] = 0;
        for (const auto& token : input) row[i] += token[i] / static_cast<double>(input.size());
      }
    }
    at(op.output) = {row};
  }

  const Program& program_;
  const Sequence& sequence_;
  std::vector<Matrix> buffers_;
  std::map<const DistanceVectors*, Matrix> projected_;
};

inline std::vector<double> run(const Program& program, const Sequence& sequence) {
  return Interpreter(program, sequence).logits();
}

}  // namespace hasten::engine::cpu::reference
