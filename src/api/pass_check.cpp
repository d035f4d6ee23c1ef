#include "api/pass_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "api/check_lengths.h"
#include "base/error.h"
#include "graph/element_writer.h"
#include "graph/interpreter.h"
#include "graph/passes/name_token_inputs.h"

namespace hasten::api {
namespace {

constexpr std::int64_t k_masks[k_short_texts.texts][k_short_texts.length] = {
    {0, 1, 1, 1, 1, 1, 1, 1}, {1, 1, 1, 0, 1, 1, 0, 0}, {0, 0, 0, 0, 0, 0, 0, 0}};
constexpr double k_rounding = 1e-5;  // of outputs of size 1
// Where weights are of 16 bits: what passes compute from these is rounded to 16 bits again.
constexpr double k_half_rounding = 5e-3;
// Where activations are rounded to integers: a number between two of them may go to either.
constexpr double k_step_rounding = 5e-2;

bool has(std::string_view name, std::string_view part) {
  return name.find(part) != std::string_view::npos;
}

Dims sample_dims(const graph::Value& input, SampleSize size) {
  Dims dims;
  for (const graph::Dim& dim : input.shape.value_or(graph::Shape(2))) {
    const std::int64_t unknown = dims.empty() ? size.texts : size.length;
    dims.push_back(dim.known() ? dim.size : unknown);
  }
  return dims;
}

// Ids are small, so that any vocabulary has them.
std::int64_t sample_integer(std::string_view name, std::int64_t row, std::int64_t column) {
  if (has(name, "mask")) return k_masks[row % k_short_texts.texts][column % k_short_texts.length];
  if (has(name, "type") || has(name, "segment")) return 0;
  if (has(name, "position")) return column;
  return 2 + (row * 7 + column * 3) % 16;
}

Tensor sample(const graph::Value& input, std::string_view role, SampleSize size) {
  const Dims dims = sample_dims(input, size);
  const DType dtype = input.dtype.value_or(DType::k_float32);
  const std::int64_t columns = dims.empty() ? 1 : std::max<std::int64_t>(dims.back(), 1);
  graph::ElementWriter writer(dtype);
  for (std::int64_t k = 0; k < element_count(dims).value_or(0); ++k) {
    if (is_floating(dtype)) {
      writer.add(std::sin(static_cast<double>(k + 1)));
    } else {
      writer.add(sample_integer(role, k / columns, k % columns));
    }
  }
  return writer.finish(input.name, dims);
}

std::vector<double> outputs_of(const graph::Graph& graph,
                               const std::map<std::string, Tensor>& inputs) {
  const auto outputs = graph::interpret(graph, inputs);
  std::vector<double> values;
  for (const graph::ValueId id : graph.outputs()) {
    const Tensor& tensor = outputs.at(graph.value(id).name);
    if (!is_floating(tensor.dtype)) continue;
    const std::vector<double> part = to_float64(tensor);
    values.insert(values.end(), part.begin(), part.end());
  }
  return values;
}

// NaN equals NaN; a difference counts by the size of the value where that is above 1.
double distance(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return HUGE_VAL;
  double greatest = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (a[k] == b[k] || (std::isnan(a[k]) && std::isnan(b[k]))) continue;
    const double found = std::abs(a[k] - b[k]) / std::max(1.0, std::abs(a[k]));
    greatest = std::isnan(found) ? HUGE_VAL : std::max(greatest, found);
  }
  return greatest;
}

bool rounds_to_integers(const graph::Graph& graph) {
  const auto& order = graph.order();
  return std::any_of(order.begin(), order.end(), [&](graph::NodeId id) {
    const graph::Node& node = graph.node(id);
    return node.is("DynamicQuantizeLinear") || node.is("QuantizeLinear");
  });
}

bool has_half_weights(const graph::Graph& graph) {
  for (std::size_t k = 0; k < graph.value_count(); ++k) {
    const auto& constant = graph.value(static_cast<graph::ValueId>(k)).constant;
    if (constant && is_floating(constant->dtype) && size_of(constant->dtype) == 2) return true;
  }
  return false;
}

double rounding_of(const graph::Graph& graph) {
  if (rounds_to_integers(graph)) return k_step_rounding;
  return has_half_weights(graph) ? k_half_rounding : k_rounding;
}

}  // namespace

std::map<std::string, Tensor> sample_inputs(const graph::Graph& graph, SampleSize size) {
  std::map<std::string, Tensor> inputs;
  const std::vector<std::string> roles = graph::token_input_names(graph);
  for (std::size_t index = 0; index < roles.size(); ++index) {
    const graph::Value& input = graph.value(graph.inputs()[index]);
    inputs.emplace(input.name, sample(input, roles[index], size));
  }
  return inputs;
}

PassCheck::PassCheck(const graph::Graph& graph) : rounding_(rounding_of(graph)) {
  add_sample(graph, k_short_texts);
  add_longest_sample(graph);
}

void PassCheck::add_sample(const graph::Graph& graph, SampleSize size) {
  auto inputs = sample_inputs(graph, size);
  auto outputs = outputs_of(graph, inputs);
  samples_.push_back({std::move(inputs), std::move(outputs)});
  longest_ = size.length;
}

void PassCheck::add_longest_sample(const graph::Graph& graph) {
  for (const std::int64_t length : check_lengths(graph, k_short_texts.length)) {
    try {
      return add_sample(graph, {1, length});
    } catch (const Error&) {
      // The graph ran for short texts: it has fewer positions than this.
    }
  }
}

void PassCheck::check(const graph::Pass& pass, const graph::Graph& graph) {
  double found = 0;
  for (const Sample& sample : samples_)
    found = std::max(found, distance(sample.outputs, outputs_of(graph, sample.inputs)));
  differences_[std::string(pass.name)] = found;
  if (found <= rounding_) return;
  fail(ErrorCode::k_internal,
       fmt::format("the pass {} changed the outputs by {:.3g}", pass.name, found), {},
       "a defect of Hasten",
       fmt::format("Leave it out with --skip {}, and please report it with the file.", pass.name));
}

double PassCheck::difference_of(const std::string& pass) const {
  const auto found = differences_.find(pass);
  return found == differences_.end() ? 0 : found->second;
}

}  // namespace hasten::api
