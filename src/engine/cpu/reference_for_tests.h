// A program's meaning in double precision, one sequence at a time: the truth that the tests compare
// with. Also random programs and batches. For tests only.
#pragma once

#include <cmath>
#include <cstdint>
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
    const auto column = [&](const Columns& columns) {
      return static_cast<std::size_t>(columns.offset + head * op.head_size);
    };
    const std::size_t keys = at(op.key.buffer).size();
    std::vector<double> weights(keys);
    double sum = 0;
    for (std::size_t k = 0; k < keys; ++k) {
      double score = 0;
      for (std::size_t d = 0; d < size; ++d) {
        score +=
            at(op.query.buffer)[q][column(op.query) + d] * at(op.key.buffer)[k][column(op.key) + d];
      }
      weights[k] = std::exp(score * op.scale);
      sum += weights[k];
    }
    for (std::size_t k = 0; k < keys; ++k) {
      for (std::size_t d = 0; d < size; ++d) {
        output[static_cast<std::size_t>(head) * size + d] +=
            weights[k] / sum * at(op.value.buffer)[k][column(op.value) + d];
      }
    }
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
};

inline std::vector<double> run(const Program& program, const Sequence& sequence) {
  return Interpreter(program, sequence).logits();
}

}  // namespace hasten::engine::cpu::reference
