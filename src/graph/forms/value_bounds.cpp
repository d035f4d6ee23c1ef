#include "graph/forms/value_bounds.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "graph/forms/floating_elements.h"
#include "graph/passes/match.h"

namespace hasten::graph {
namespace {

constexpr double k_unbounded = std::numeric_limits<double>::infinity();
constexpr Bound k_unknown{k_unbounded, k_unbounded};

struct Outcome {
  Bound output = k_unknown;
  double inside = 0;  // beyond the output's own peak
};

// gamma n + beta, n being a row of the length sqrt(width) at most: what a normalisation gives.
struct Affine {
  std::vector<double> gamma, beta;
};

std::vector<double> elements_of(const Graph& graph, const Node& node, std::size_t index,
                                std::size_t width) {
  if (!has_input(node, index)) return std::vector<double>(width, 0.0);
  if (!graph.is_constant(node.inputs[index])) return {};
  return to_float64(*graph.value(node.inputs[index]).constant);
}

std::optional<Affine> read_normalization(const Graph& graph, ValueId value) {
  const Node* node = find_producer(graph, value);
  if (node == nullptr || node->outputs[0] != value) return std::nullopt;
  const std::size_t gamma = node->op_type == "LayerNormalization"        ? 1
                            : node->op_type == "SkipLayerNormalization"  ? 2
                            : node->op_type == "EmbedLayerNormalization" ? 5
                                                                         : 0;
  if (gamma == 0 || !has_input(*node, gamma) || !graph.is_constant(node->inputs[gamma]))
    return std::nullopt;
  Affine affine{to_float64(*graph.value(node->inputs[gamma]).constant), {}};
  affine.beta = elements_of(graph, *node, gamma + 1, affine.gamma.size());
  if (affine.gamma.empty() || affine.beta.size() != affine.gamma.size()) return std::nullopt;
  return affine;
}

double length(const std::vector<double>& values) {
  double square = 0;
  for (const double value : values) square += value * value;
  return std::sqrt(square);
}

// Of rows of at most the length `norm`, multiplied with a matrix.
Bound project_rows(const Tensor& matrix, bool transposed, double norm) {
  const auto width = static_cast<std::size_t>(matrix.dims[1]);
  std::vector<double> squares(static_cast<std::size_t>(matrix.dims[transposed ? 0 : 1]));
  for_each_float(matrix, [&](std::size_t k, float value) {
    squares[transposed ? k / width : k % width] += static_cast<double>(value) * value;
  });
  double sum = 0;
  for (const double square : squares) sum += square;
  if (!std::isfinite(norm)) return k_unknown;
  return {norm * std::sqrt(*std::max_element(squares.begin(), squares.end())),
          norm * std::sqrt(sum)};
}

// Of gamma n + beta multiplied with a matrix: |(gamma n + beta) w| <= sqrt(width) |gamma w| + |beta w|
// for each column w, which a few large gammas or betas hardly raise.
Bound project_affine(const Tensor& matrix, bool transposed, const Affine& affine) {
  const auto width = static_cast<std::size_t>(matrix.dims[1]);
  const auto columns = static_cast<std::size_t>(matrix.dims[transposed ? 0 : 1]);
  std::vector<double> squares(columns), shifts(columns);
  for_each_float(matrix, [&](std::size_t k, float value) {
    const std::size_t column = transposed ? k / width : k % width;
    const std::size_t row = transposed ? k % width : k / width;
    const double stretched = affine.gamma[row] * value;
    squares[column] += stretched * stretched;
    shifts[column] += affine.beta[row] * value;
  });
  const double root = std::sqrt(static_cast<double>(affine.gamma.size()));
  double peak = 0, sum = 0;
  for (std::size_t k = 0; k < columns; ++k) {
    peak = std::max(peak, root * std::sqrt(squares[k]) + std::abs(shifts[k]));
    sum += squares[k];
  }
  return {peak, root * std::sqrt(sum) + length(shifts)};
}

// The bounds of one node's outputs from those of its inputs.
class Rules {
 public:
  Rules(const Graph& graph, const std::map<ValueId, Bound>& bounds, const Node& node)
      : graph_(graph), bounds_(bounds), node_(node) {}

  Outcome apply() const {
    const std::string_view type = node_.op_type;
    if (type == "MatMul" || type == "Gemm") return product();
    if (type == "LayerNormalization") return {normalized(1, 2, 0)};
    if (type == "SkipLayerNormalization") return skip_normalized();
    if (type == "EmbedLayerNormalization") return {normalized(5, 6, 3), lookups()};
    if (type == "Attention" && node_.domain == k_microsoft_domain) return attention();
    if (type == "Add" || type == "Sub") return {sum(input(0), input(1))};
    if (type == "Mul") return {scaled(input(0), input(1).peak)};
    if (type == "Div") return divided();
    if (type == "BiasGelu" || type == "FastGelu") return biased();
    if (type == "Tanh" || type == "Erf" || type == "Sigmoid" || type == "Softmax" ||
        type == "Cos" || type == "Sin") {
      return unit();
    }
    return shaped();
  }

 private:
  Bound input(std::size_t index) const {
    if (!has_input(node_, index)) return {0, 0};
    const auto found = bounds_.find(node_.inputs[index]);
    if (found != bounds_.end()) return found->second;
    const Value& value = graph_.value(node_.inputs[index]);
    return value.constant ? of_constant(*value.constant) : k_unknown;
  }

  static Bound of_constant(const Tensor& tensor) {
    const std::size_t width =
        tensor.dims.empty()
            ? 1
            : static_cast<std::size_t>(std::max<std::int64_t>(tensor.dims.back(), 1));
    double peak = 0, square = 0, greatest = 0;
    for_each_float(tensor, [&](std::size_t k, float value) {
      if (k % width == 0) square = 0;
      peak = std::max(peak, std::abs(static_cast<double>(value)));
      square += static_cast<double>(value) * value;
      greatest = std::max(greatest, square);
    });
    return {peak, std::sqrt(greatest)};
  }

  const Tensor* constant(std::size_t index) const {
    if (!has_input(node_, index) || !graph_.is_constant(node_.inputs[index])) return nullptr;
    return &*graph_.value(node_.inputs[index]).constant;
  }

  double width_of(ValueId id) const {
    const auto& shape = graph_.value(id).shape;
    const bool known = shape && !shape->empty() && shape->back().known();
    return known ? static_cast<double>(shape->back().size) : k_unbounded;
  }

  static Bound sum(const Bound& a, const Bound& b) { return {a.peak + b.peak, a.norm + b.norm}; }

  // An infinite bound of something that is multiplied by zero is still infinite: 0 x inf is NaN.
  static Bound scaled(const Bound& a, double factor) {
    if (!std::isfinite(factor)) return k_unknown;
    return {std::isfinite(a.peak) ? a.peak * factor : k_unbounded,
            std::isfinite(a.norm) ? a.norm * factor : k_unbounded};
  }

  Bound projected(const Tensor& matrix, bool transposed) const {
    if (matrix.dims.size() != 2 || matrix.size() == 0) return k_unknown;
    const auto affine = read_normalization(graph_, node_.inputs[0]);
    const std::int64_t rows = matrix.dims[transposed ? 1 : 0];
    if (affine && std::ssize(affine->gamma) == rows)
      return project_affine(matrix, transposed, *affine);
    return project_rows(matrix, transposed, input(0).norm);
  }

  Outcome product() const {
    const bool is_gemm = node_.op_type == "Gemm";
    if (is_gemm && (node_.integer("transA", 0) != 0 || node_.number("alpha", 1) != 1 ||
                    node_.number("beta", 1) != 1)) {
      return {};
    }
    const bool transposed = is_gemm && node_.integer("transB", 0) != 0;
    if (const Tensor* matrix = constant(1)) {
      return {sum(projected(*matrix, transposed), input(2))};
    }
    const Node* left = find_producer(graph_, node_.inputs[0]);
    // Rows of probabilities add up to one.
    if (left != nullptr && left->is("Softmax")) return {with_norm(input(1).peak)};
    const double inner = width_of(node_.inputs[0]);
    return {with_norm(scaled(scaled(input(0), input(1).peak), inner).peak)};
  }

  Bound with_norm(double peak) const {
    const double width = width_of(node_.outputs[0]);
    return {peak, std::isfinite(width) ? peak * std::sqrt(width) : k_unbounded};
  }

  // The width of a row is that of gamma, or, without one, of the tensor `like`.
  Bound normalized(std::size_t gamma, std::size_t beta, std::size_t like) const {
    const Tensor* scale = constant(gamma);
    const double width =
        scale != nullptr ? static_cast<double>(scale->size()) : width_of(node_.inputs[like]);
    const double greatest = scale != nullptr ? input(gamma).peak : k_unbounded;
    const double root = std::sqrt(width);
    return sum({greatest * root, greatest * root}, input(beta));
  }

  Outcome skip_normalized() const {
    return {normalized(2, 3, 0), input(0).peak + input(1).peak + input(4).peak};
  }

  double lookups() const { return input(2).peak + input(3).peak + input(4).peak; }

  Outcome attention() const {
    const Tensor* matrix = constant(1);
    const double heads = static_cast<double>(node_.integer("num_heads", 0));
    if (matrix == nullptr || heads < 1 || has_input(node_, 4) || has_input(node_, 5)) return {};
    const Bound packed = sum(projected(*matrix, false), input(2));
    const double size = static_cast<double>(matrix->dims.back()) / 3 / heads;
    const double scale =
        node_.number("scale", 0) != 0 ? std::abs(node_.number("scale", 0)) : 1 / std::sqrt(size);
    const double scores = packed.peak * packed.peak * size * scale;
    return {with_norm(packed.peak), std::max(packed.peak, scores)};
  }

  Outcome divided() const {
    const auto divisor =
        has_input(node_, 1) ? constant_number(graph_, node_.inputs[1]) : std::nullopt;
    if (!divisor || *divisor == 0) return {};
    return {scaled(input(0), 1 / std::abs(*divisor))};
  }

  Outcome biased() const {
    const Bound added = sum(input(0), input(1));
    return {added, added.peak};
  }

  Outcome unit() const { return {with_norm(1)}; }

  // Operators that move elements or make them smaller; the rows of the result may be others.
  Outcome shaped() const {
    static constexpr std::string_view k_kept[] = {"Dropout", "Gelu", "Identity", "Relu"};
    static constexpr std::string_view k_moved[] = {"Expand", "Flatten", "Reshape",   "Slice",
                                                   "Split",  "Squeeze", "Transpose", "Unsqueeze"};
    const auto is_one_of = [&](const auto& names) {
      return std::find(std::begin(names), std::end(names), node_.op_type) != std::end(names);
    };
    if (is_one_of(k_kept)) return {input(0)};
    if (is_one_of(k_moved) || node_.op_type == "Gather") return {moved(input(0))};
    if (node_.op_type == "Concat") {
      double peak = 0;
      for (std::size_t k = 0; k < node_.inputs.size(); ++k) peak = std::max(peak, input(k).peak);
      return {with_norm(peak)};
    }
    return {};
  }

  // Rows taken out of a matrix are its rows.
  Bound moved(const Bound& from) const {
    const Tensor* table = constant(0);
    const bool takes_rows = node_.op_type == "Gather" && node_.integer("axis", 0) == 0 &&
                            table != nullptr && table->dims.size() == 2;
    return takes_rows ? from : with_norm(from.peak);
  }

  const Graph& graph_;
  const std::map<ValueId, Bound>& bounds_;
  const Node& node_;
};

}  // namespace

ValueBounds::ValueBounds(const Graph& graph) : graph_(graph) {
  for (const NodeId id : graph.order()) visit(id);
}

void ValueBounds::visit(NodeId id) {
  const Node& node = graph_.node(id);
  if (node.inputs.empty() || node.outputs.empty() || node.outputs[0] == k_no_value) return;
  const Outcome outcome = Rules(graph_, bounds_, node).apply();
  double inside = std::max(outcome.inside, outcome.output.peak);
  for (const ValueId output : node.outputs) {
    if (output != k_no_value) bounds_[output] = outcome.output;
  }
  inside_[id] = std::isnan(inside) ? k_unbounded : inside;
}

Bound ValueBounds::of(ValueId value) const {
  const auto found = bounds_.find(value);
  return found == bounds_.end() ? k_unknown : found->second;
}

double ValueBounds::inside(NodeId node) const {
  const auto found = inside_.find(node);
  return found == inside_.end() ? k_unbounded : found->second;
}

}  // namespace hasten::graph
