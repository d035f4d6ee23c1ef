//   m = ReduceMean(x) {axes=[-1]}
//   d = Sub(x, m)
//   v = ReduceMean(Pow(d, 2)) {axes=[-1]}
//   n = Div(d, Sqrt(Add(v, epsilon)))
//   y = Add(Mul(n, gamma), beta)             ==>   y = LayerNormalization(x, gamma, beta)
//
//   y = SimplifiedLayerNormalization(Sub(x, ReduceMean(x) {axes=[-1]}), gamma)
//                                            ==>   y = LayerNormalization(x, gamma)
//
// Exporters write it in many ways; what is around the mean is therefore tried on numbers, from
// which gamma and beta are read, and taken when it normalises other numbers just so.
#include <algorithm>
#include <cmath>
#include <set>

#include "graph/passes/match.h"
#include "graph/passes/passes.h"
#include "graph/passes/region.h"

namespace hasten::graph {
namespace {

constexpr int k_depth = 10;               // nodes from the mean to y
constexpr std::size_t k_most_nodes = 16;  // of the whole formula

// Rows to try it on: constant, then zero-mean ones of standard deviations so different that epsilon
// shows, whatever it is.
constexpr double k_deviations[] = {0, 1, 1e-3, 1e-6};
constexpr std::size_t k_rows = std::size(k_deviations);
constexpr double k_offset = 0.25;

struct Region {
  Graph graph;
  std::int64_t width = 0;
  std::vector<ValueId> vectors;  // constants of `width` elements, in `graph`
  std::vector<double> epsilons;  // scalars that epsilon may be
};

std::optional<Region> cut_region(const Graph& graph, ValueId input, ValueId output) {
  auto cut = cut_out(graph, {&input, 1}, output, k_most_nodes);
  if (!cut) return std::nullopt;
  Region region{std::move(*cut), 0, {}, {}};
  for (std::size_t index = 0; index < region.graph.value_count(); ++index) {
    const auto id = static_cast<ValueId>(index);
    if (const auto number = constant_number(region.graph, id);
        number && *number > 0 && *number < 0.1) {
      region.epsilons.push_back(*number);
    }
    const Tensor* vector = constant_vector(region.graph, id);
    if (vector == nullptr || vector->size() == 1) continue;
    if (region.width != 0 && vector->size() != region.width) return std::nullopt;
    region.width = vector->size();
    region.vectors.push_back(id);
  }
  if (region.width == 0 || region.epsilons.empty()) return std::nullopt;
  return region;
}

// Element `column` of a row of mean zero and variance about one, never near zero.
double shape_of_row(std::int64_t column, std::int64_t width) {
  if (width % 2 != 0 && column == width - 1) return 0.5;
  const std::int64_t pair = column / 2;
  const double size = 1 + 0.25 * std::cos(static_cast<double>(pair));
  return column % 2 == 0 ? size : -size;
}

std::vector<double> make_rows(std::int64_t width) {
  std::vector<double> rows;
  for (const double deviation : k_deviations) {
    for (std::int64_t column = 0; column < width; ++column) {
      rows.push_back(k_offset + deviation * shape_of_row(column, width));
    }
  }
  return rows;
}

// (x - mean) / sqrt(variance + epsilon) of one row
std::vector<double> normalize(std::span<const double> row, double epsilon) {
  double mean = 0;
  for (const double x : row) mean += x;
  mean /= static_cast<double>(row.size());
  double variance = 0;
  for (const double x : row) variance += (x - mean) * (x - mean);
  variance /= static_cast<double>(row.size());
  std::vector<double> out(row.begin(), row.end());
  for (double& x : out) x = (x - mean) / std::sqrt(variance + epsilon);
  return out;
}

bool is_near(double a, double b) {
  return std::abs(a - b) <= 1e-5 * std::max(1.0, std::abs(b));
}

bool are_near(std::span<const double> a, std::span<const double> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), is_near);
}

struct Affine {
  std::vector<double> gamma, beta;
  double epsilon = 0;
};

// The parameters with which LayerNormalization turns `rows` into `results`, if there are such.
std::optional<Affine> solve(const Region& region, std::span<const double> rows,
                            std::span<const double> results) {
  const auto width = static_cast<std::size_t>(region.width);
  const std::span<const double> beta = results.first(width);
  for (const double epsilon : region.epsilons) {
    Affine affine{{}, {beta.begin(), beta.end()}, epsilon};
    bool fits = true;
    for (std::size_t row = 1; row < k_rows && fits; ++row) {
      const auto normalized = normalize(rows.subspan(row * width, width), epsilon);
      std::vector<double> gamma(width);
      for (std::size_t i = 0; i < width; ++i) {
        gamma[i] = (results[row * width + i] - beta[i]) / normalized[i];
      }
      if (row == 1) affine.gamma = gamma;
      fits = are_near(gamma, affine.gamma);
    }
    if (fits) return affine;
  }
  return std::nullopt;
}

// The constant of the original graph that has these values.
ValueId find_vector(const Graph& graph, const Region& region, std::span<const double> values) {
  for (const ValueId id : region.vectors) {
    const Value& candidate = region.graph.value(id);
    if (!are_near(to_float64(*candidate.constant), values)) continue;
    const ValueId original = graph.find_value(candidate.name);
    if (constant_vector(graph, original, region.width) != nullptr) return original;
  }
  return k_no_value;
}

struct Match {
  ValueId output, gamma, beta;
  double epsilon;
};

std::optional<Match> try_output(const Graph& graph, ValueId input, ValueId output) {
  const auto region = cut_region(graph, input, output);
  if (!region) return std::nullopt;
  const std::vector<double> rows = make_rows(region->width);
  const auto result =
      try_out(region->graph,
              {make_tensor<double>({1, static_cast<std::int64_t>(k_rows), region->width}, rows)});
  if (!result || result->size() != static_cast<std::int64_t>(rows.size())) return std::nullopt;
  const auto affine = solve(*region, rows, to_float64(*result));
  if (!affine) return std::nullopt;
  const ValueId gamma = find_vector(graph, *region, affine->gamma);
  const ValueId beta = find_vector(graph, *region, affine->beta);
  const bool no_beta = std::all_of(affine->beta.begin(), affine->beta.end(),
                                   [](double value) { return std::abs(value) < 1e-9; });
  if (gamma == k_no_value || (beta == k_no_value && !no_beta)) return std::nullopt;
  return Match{output, gamma, beta, affine->epsilon};
}

bool is_mean_of_rows(const Graph& graph, const Node& node) {
  if (!node.is("ReduceMean") || node.integer("keepdims", 1) != 1) return false;
  const auto axes = integers_of(graph, node, "axes", 1);
  return axes && axes->size() == 1 && ((*axes)[0] == -1 || (*axes)[0] == 2);
}

// The mean of LayerNormalization is subtracted, from its own input.
bool is_subtracted(const Graph& graph, const Node& mean) {
  for (const NodeId id : graph.consumers(mean.outputs[0])) {
    const Node& reader = graph.node(id);
    if (reader.is("Sub") && other_input(reader, mean.outputs[0]) == mean.inputs[0]) return true;
  }
  return false;
}

// What ONNX Runtime makes of a formula without beta.
std::optional<Match> find_simplified(const Graph& graph, const Node& mean) {
  for (const NodeId difference : graph.consumers(mean.outputs[0])) {
    for (const NodeId id : graph.consumers(graph.node(difference).outputs[0])) {
      const Node& reader = graph.node(id);
      const bool simplified =
          reader.op_type == "SimplifiedLayerNormalization" && graph.node(difference).is("Sub") &&
          graph.node(difference).inputs[1] == mean.outputs[0] && reader.outputs.size() == 1 &&
          reader.inputs[0] == graph.node(difference).outputs[0] && reader.integer("axis", -1) == -1;
      if (!simplified || constant_vector(graph, reader.inputs[1]) == nullptr) continue;
      return Match{reader.outputs[0], reader.inputs[1], k_no_value,
                   reader.number("epsilon", 1e-5F)};
    }
  }
  return std::nullopt;
}

std::optional<Match> find_match(const Graph& graph, const Node& mean) {
  if (const auto simplified = find_simplified(graph, mean)) return simplified;
  const auto outputs = rowwise_descendants(graph, mean.outputs[0], k_depth);
  for (auto output = outputs.rbegin(); output != outputs.rend(); ++output) {
    if (auto match = try_output(graph, mean.inputs[0], *output)) return match;
  }
  return std::nullopt;
}

void fuse(Graph& graph, ValueId input, const Match& match) {
  std::vector<ValueId> inputs = {input, as_vector(graph, match.gamma)};
  if (match.beta != k_no_value) inputs.push_back(as_vector(graph, match.beta));
  replace_node(graph, graph.producer(match.output),
               {graph.value(match.output).name,
                "LayerNormalization",
                std::string(k_onnx_domain),
                std::move(inputs),
                {},
                {{"axis", std::int64_t{-1}}, {"epsilon", static_cast<float>(match.epsilon)}}});
}

}  // namespace

PassOutcome fuse_layer_normalization(Graph& graph) {
  PassOutcome outcome;
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) {
    const Node& mean = graph.node(id);
    if (!is_mean_of_rows(graph, mean) || !is_subtracted(graph, mean)) continue;
    if (const auto match = find_match(graph, mean)) {
      fuse(graph, mean.inputs[0], *match);
      ++outcome.rewrites;
    } else {
      outcome.unmatched.push_back(
          describe(graph, {id, "to be the mean of a LayerNormalization with a constant scale"}));
    }
  }
  return outcome;
}

}  // namespace hasten::graph
