#include "engine/lower_lengths.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "graph/fixed_sizes.h"
#include "graph/passes/match.h"
#include "graph/passes/region.h"

namespace hasten::engine {
namespace {

using graph::ValueId;

constexpr std::size_t k_most_nodes = 200;
constexpr std::int64_t k_small = 6;  // a length to try things on
constexpr std::int64_t k_other = 9;
constexpr std::int64_t k_long = 700;  // beyond usual windows
// Positions and distances of values that no table limits: the longest texts that encoders are trained on.
constexpr std::int64_t k_default_limit = 8192;
constexpr std::int64_t k_longest_table = 2048;  // of numbers for all pairs of tokens

bool is_half(std::optional<DType> dtype) {
  return dtype == DType::k_float16 || dtype == DType::k_bfloat16;
}

// Buckets of distances hang on how logarithms are rounded: as runtimes round them. Theirs compute 16-bit
// values in float32 and do not round in between, which double precision comes nearest to.
graph::Precision precision_of(const graph::Graph& region) {
  for (std::size_t index = 0; index < region.value_count(); ++index) {
    const graph::Value& value = region.value(static_cast<ValueId>(index));
    if (is_half(value.dtype) || (value.constant && is_half(value.constant->dtype)))
      return graph::Precision::k_float64;
  }
  return graph::Precision::k_float32;
}

std::optional<Tensor> compute(const std::optional<graph::Graph>& region,
                              const std::vector<Tensor>& inputs) {
  return region ? graph::try_out(*region, inputs, precision_of(*region)) : std::nullopt;
}

// The sizes before the last two, multiplied.
std::int64_t count_matrices(const Dims& dims) {
  return std::accumulate(dims.begin(), dims.end() - 2, std::int64_t{1}, std::multiplies<>());
}

// [..., length, length]
bool is_square(const Dims& dims, std::int64_t length) {
  return dims.size() >= 2 && dims.back() == length && *(dims.end() - 2) == length;
}

// slope * (i - j) + offset
struct Line {
  double slope = 0;
  double offset = 0;
};

std::optional<Line> as_line(const Tensor& tensor, std::int64_t length) {
  if (!is_square(tensor.dims, length) || length < 2 || count_matrices(tensor.dims) != 1)
    return std::nullopt;
  const std::vector<double> values = numbers_of(tensor);
  const Line line{values[0] - values[1], values[0]};
  if (std::abs(line.slope) != 1) return std::nullopt;
  for (std::int64_t i = 0; i < length; ++i) {
    for (std::int64_t j = 0; j < length; ++j) {
      const double expected = line.slope * static_cast<double>(i - j) + line.offset;
      if (values[static_cast<std::size_t>(i * length + j)] != expected) return std::nullopt;
    }
  }
  return line;
}

// Leaves out what only repeats elements: the operators after it broadcast what they are given. The
// shapes that it would need are those of other values.
void drop_expansions(graph::Graph& region) {
  const std::vector<graph::NodeId> order = region.order();
  for (const graph::NodeId id : order) {
    const graph::Node& node = region.node(id);
    if (!node.is("Expand")) continue;
    const ValueId from = node.inputs[0];
    const ValueId to = node.outputs[0];
    region.remove_node(id);
    region.replace_uses(to, from);
  }
  region.sort();
  region.remove_dead();
}

bool agrees(const ByDistance& found, const Tensor& small) {
  const std::int64_t length = small.dims.back();
  const std::vector<double> values = numbers_of(small);
  const std::int64_t distances = 2 * found.limit - 1;
  std::size_t next = 0;
  for (std::int64_t head = 0; head < found.functions; ++head) {
    for (std::int64_t i = 0; i < length; ++i) {
      for (std::int64_t j = 0; j < length; ++j) {
        const std::int64_t at = head * distances + (i - j) + found.limit - 1;
        if (std::abs(i - j) >= found.limit) continue;
        if (values[next + static_cast<std::size_t>(i * length + j)] !=
            found.values[static_cast<std::size_t>(at)]) {
          return false;
        }
      }
    }
    next += static_cast<std::size_t>(length * length);
  }
  return true;
}

bool has_products(const graph::Graph& region) {
  return std::any_of(region.order().begin(), region.order().end(),
                     [&](graph::NodeId id) { return region.node(id).is("MatMul"); });
}

// [..., length, length] with equal diagonals, which are all distances that there are below `length`.
std::optional<ByDistance> read_diagonals(const Tensor& tensor) {
  const std::int64_t length = tensor.dims.back();
  const std::vector<double> values = numbers_of(tensor);
  ByDistance found;
  found.limit = length;
  found.functions = count_matrices(tensor.dims);
  for (std::int64_t function = 0; function < found.functions; ++function) {
    const auto matrix = values.begin() + function * length * length;
    for (std::int64_t distance = 1 - length; distance < length; ++distance) {
      const std::int64_t row = std::max<std::int64_t>(distance, 0);
      found.values.push_back(matrix[row * length + row - distance]);
    }
  }
  return agrees(found, tensor) ? std::optional(std::move(found)) : std::nullopt;
}

// One function where all heads have the same.
void join_functions(ByDistance& found) {
  const std::int64_t distances = 2 * found.limit - 1;
  for (std::int64_t function = 1; function < found.functions; ++function) {
    if (!std::equal(found.values.begin(), found.values.begin() + distances,
                    found.values.begin() + function * distances)) {
      return;
    }
  }
  found.functions = 1;
  found.values.resize(static_cast<std::size_t>(distances));
}

}  // namespace

LengthFunctions::LengthFunctions(const graph::Graph& graph, const Sources& sources)
    : graph_(graph),
      sources_(sources),
      fixed_(std::max<std::int64_t>(graph::fixed_sizes(graph).length, 0)),
      tried_(fixed_ > 0 ? fixed_ : k_small),
      other_(fixed_ > 0 ? fixed_ : k_other) {}

std::vector<double> numbers_of(const Tensor& tensor) {
  if (is_floating(tensor.dtype)) return to_float64(tensor);
  const std::vector<std::int64_t> integers = to_int64(tensor);
  return {integers.begin(), integers.end()};
}

const graph::ShapeWalk& LengthFunctions::walk(std::int64_t length) {
  auto& held = walks_[length];
  if (!held) held = std::make_unique<graph::ShapeWalk>(graph_, graph::ProbeSize{1, length});
  return *held;
}

std::vector<Tensor> LengthFunctions::inputs_of(std::int64_t length, std::int64_t kept) const {
  std::vector<Tensor> inputs;
  for (const ValueId input : graph_.inputs()) {
    const std::string& name = graph_.value(input).name;
    std::vector<std::int64_t> values(static_cast<std::size_t>(length), 0);
    if (name == "attention_mask") std::fill_n(values.begin(), kept, 1);
    if (name == "position_ids") std::iota(values.begin(), values.end(), std::int64_t{0});
    inputs.push_back(make_tensor<std::int64_t>({1, length}, std::move(values)));
  }
  return inputs;
}

std::optional<Tensor> LengthFunctions::evaluate(ValueId value, std::int64_t length) {
  return evaluate(value, length, length);
}

std::optional<Tensor> LengthFunctions::evaluate(ValueId value, std::int64_t length,
                                                std::int64_t kept) {
  if (!contains(value)) return std::nullopt;
  if (graph_.is_constant(value)) return graph_.value(value).constant;
  const auto region = graph::cut_out(graph_, graph_.inputs(), value, k_most_nodes, &walk(length));
  return compute(region, inputs_of(length, kept));
}

bool LengthFunctions::is_everywhere(ValueId value, double number) {
  const std::int64_t longest = fixed_ > 0 ? fixed_ : std::min(k_long, limit_of(value));
  for (const std::int64_t length : {tried_, other_, longest}) {
    const auto tensor = evaluate(value, length);
    if (!tensor) return false;
    for (const double element : numbers_of(*tensor)) {
      if (element != number) return false;
    }
  }
  return true;
}

bool LengthFunctions::is_length(ValueId value) {
  for (const std::int64_t length : {tried_, other_}) {
    // Padding is not counted.
    const std::int64_t kept = fixed_ > 0 ? (length + 1) / 2 : length;
    for (const std::int64_t count : {length, kept}) {
      const auto tensor = evaluate(value, length, count);
      if (!tensor) return false;
      for (const double element : numbers_of(*tensor)) {
        if (element != static_cast<double>(count)) return false;
      }
    }
  }
  return true;
}

bool LengthFunctions::tells_padding(ValueId value, bool by_row,
                                    const std::function<bool(double)>& is_padding) {
  for (const std::int64_t kept : {std::int64_t{1}, fixed_ / 3, fixed_ / 2, fixed_ - 1}) {
    if (kept < 1 || kept >= fixed_) continue;
    if (!tells_padding_after(kept, value, by_row, is_padding)) return false;
  }
  return true;
}

bool LengthFunctions::tells_padding_after(std::int64_t kept, ValueId value, bool by_row,
                                          const std::function<bool(double)>& is_padding) {
  const auto padded = evaluate(value, fixed_, kept);
  const auto whole = evaluate(value, fixed_);
  if (!padded || !whole || padded->dims != whole->dims || padded->dims.size() < 2) return false;
  const Dims& dims = padded->dims;
  const std::int64_t columns = dims.back();
  const std::int64_t rows = *(dims.end() - 2);
  if ((by_row ? rows : columns) != fixed_) return false;
  const std::vector<double> found = numbers_of(*padded);
  const std::vector<double> expected = numbers_of(*whole);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const std::int64_t column = static_cast<std::int64_t>(i) % columns;
    const std::int64_t row = static_cast<std::int64_t>(i) / columns % rows;
    if (!by_row && row >= kept) continue;  // what padding attends to
    const bool in_text = (by_row ? row : column) < kept;
    if (in_text ? found[i] != expected[i] : !is_padding(found[i])) return false;
  }
  return true;
}

std::optional<double> LengthFunctions::number(ValueId value) {
  if (!contains(value)) return std::nullopt;
  if (graph_.is_constant(value)) return graph::constant_number(graph_, value);
  std::optional<double> number;
  for (const std::int64_t length : {tried_, other_}) {
    const auto tensor = evaluate(value, length);
    if (!tensor || tensor->size() != 1) return std::nullopt;
    const double found = numbers_of(*tensor)[0];
    if (number && *number != found) return std::nullopt;
    number = found;
  }
  return number;
}

std::int64_t LengthFunctions::limit_of(ValueId value) const {
  std::int64_t limit = fixed_ > 0 ? fixed_ : k_default_limit;
  bool limited = fixed_ > 0;
  std::vector<ValueId> open = {value};
  std::set<ValueId> seen;
  while (!open.empty()) {
    const ValueId next = open.back();
    open.pop_back();
    const graph::Node* node = graph::find_producer(graph_, next);
    if (node == nullptr || !contains(next) || !seen.insert(next).second) continue;
    if (node->is("Slice") && graph_.is_constant(node->inputs[0])) {
      // A table that is cut to the length: as long as its longest axis.
      const Dims& dims = graph_.value(node->inputs[0]).constant->dims;
      const auto axes = graph::integers_of(graph_, *node, "axes", 3);
      const std::int64_t axis = axes && axes->size() == 1 ? (*axes)[0] : 0;
      if (axis >= 0 && axis < static_cast<std::int64_t>(dims.size())) {
        const std::int64_t size = dims[static_cast<std::size_t>(axis)];
        limit = limited ? std::min(limit, size) : size;
        limited = true;
      }
    }
    for (const ValueId input : node->inputs) {
      if (input != graph::k_no_value) open.push_back(input);
    }
  }
  return limit;
}

std::int64_t LengthFunctions::rows_behind(ValueId value) const {
  std::int64_t rows = limit_of(value);
  std::vector<ValueId> open = {value};
  std::set<ValueId> seen;
  while (!open.empty()) {
    const ValueId next = open.back();
    open.pop_back();
    const graph::Node* node = graph::find_producer(graph_, next);
    if (node == nullptr || !contains(next) || !seen.insert(next).second) continue;
    if (node->is("Gather") && graph_.is_constant(node->inputs[0]) &&
        is_floating(graph_.value(node->inputs[0]).constant->dtype)) {
      rows = std::min(rows, graph_.value(node->inputs[0]).constant->dims[0]);
    }
    for (const ValueId input : node->inputs) {
      if (input != graph::k_no_value) open.push_back(input);
    }
  }
  return rows;
}

// The nearest value before `value` that is a distance, up to its sign and a constant.
ValueId LengthFunctions::find_distances(ValueId value) {
  std::vector<ValueId> reached = {value};
  for (std::size_t next = 0; next < reached.size() && next < k_most_nodes; ++next) {
    const graph::Node* node = graph::find_producer(graph_, reached[next]);
    if (node == nullptr) continue;
    if (node->is("Sub")) {
      const auto small = evaluate(reached[next], k_small);
      if (small && as_line(*small, k_small)) return reached[next];
    }
    for (const ValueId input : node->inputs) {
      if (input == graph::k_no_value || !contains(input) || graph_.is_constant(input)) continue;
      if (std::find(reached.begin(), reached.end(), input) == reached.end())
        reached.push_back(input);
    }
  }
  return graph::k_no_value;
}

// Runs what follows the distances on all distances at once, as one row.
std::optional<ByDistance> LengthFunctions::spread_distances(ValueId value, const Tensor& small) {
  const ValueId distances = find_distances(value);
  if (distances == graph::k_no_value) return std::nullopt;
  const Tensor tried = *evaluate(distances, k_small);
  const Line line = *as_line(tried, k_small);
  ByDistance found;
  found.limit = limit_of(distances);
  const std::int64_t count = 2 * found.limit - 1;
  std::vector<std::int64_t> row;
  for (std::int64_t distance = 1 - found.limit; distance < found.limit; ++distance) {
    row.push_back(
        static_cast<std::int64_t>(line.slope * static_cast<double>(distance) + line.offset));
  }
  Dims dims = tried.dims;
  *(dims.end() - 2) = 1;
  dims.back() = count;
  std::vector<ValueId> inputs = {distances};
  inputs.insert(inputs.end(), graph_.inputs().begin(), graph_.inputs().end());
  std::vector<Tensor> tensors = {make_tensor<std::int64_t>(std::move(dims), std::move(row))};
  for (Tensor& input : inputs_of(count, count)) tensors.push_back(std::move(input));
  auto region = graph::cut_out(graph_, inputs, value, k_most_nodes);
  // What is asked for its shape alone is not computed for that many tokens.
  if (!region || has_products(*region))
    region = graph::cut_out(graph_, inputs, value, k_most_nodes, &walk(count));
  if (region) drop_expansions(*region);
  const auto result = compute(region, tensors);
  if (!result || result->dims.size() < 2 || result->dims.back() != count ||
      *(result->dims.end() - 2) != 1) {
    return std::nullopt;
  }
  found.functions = count_matrices(result->dims);
  found.values = numbers_of(*result);
  if (found.functions != count_matrices(small.dims) || !agrees(found, small)) return std::nullopt;
  return found;
}

// A table of all pairs of tokens, which is cut to the text's length.
std::optional<ByDistance> LengthFunctions::read_whole(ValueId value, const Tensor& small) {
  const std::int64_t limit = limit_of(value);
  if (limit > k_longest_table || limit <= other_) return std::nullopt;
  const auto whole = evaluate(value, limit);
  const auto other = evaluate(value, other_);
  if (!whole || !other || !is_square(whole->dims, limit) || !is_square(other->dims, other_))
    return std::nullopt;
  auto found = read_diagonals(*whole);
  const bool fits = found && found->functions == count_matrices(small.dims) &&
                    found->functions == count_matrices(other->dims) && agrees(*found, small) &&
                    agrees(*found, *other);
  return fits ? found : std::nullopt;
}

std::optional<ByDistance> LengthFunctions::by_distance(ValueId value) {
  const auto small = evaluate(value, tried_);
  if (!small) return std::nullopt;
  if (is_square(small->dims, tried_)) {
    auto found = fixed_ > 0 ? read_diagonals(*small) : spread_distances(value, *small);
    if (!found && fixed_ == 0) found = read_whole(value, *small);
    if (found) join_functions(*found);
    if (found) return found;
  }
  const std::vector<double> values = numbers_of(*small);
  if (values.empty() || !is_everywhere(value, values[0])) return std::nullopt;
  return ByDistance{0, 1, {values[0]}};
}

}  // namespace hasten::engine
