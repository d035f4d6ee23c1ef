// Attention that no pass has fused: from the product of query and key, over what positions add to
// it, to the product with the values.
#include <algorithm>
#include <cmath>

#include "engine/lowering.h"

namespace hasten::engine {
namespace {

using graph::Node;
using graph::ValueId;
using Axes = Heads::Axes;

constexpr double k_weakest_filter = -1e4;  // what is added to scores of keys that are left out

bool is_same(const Columns& a, const Columns& b) {
  return a.buffer == b.buffer && a.offset == b.offset;
}

// The middle of `values`, made for distances below `from`, for those below `to`.
template <typename T>
std::vector<T> cut(const std::vector<T>& values, std::int64_t from, std::int64_t to) {
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(from - to);
  return {begin, begin + static_cast<std::ptrdiff_t>(2 * to - 1)};
}

Tensor bias_table(const ByDistance& bias, std::int64_t heads, std::int64_t limit) {
  expect(bias.functions == 1 || bias.functions == heads, "a bias for each head, or one for all");
  const std::int64_t distances = 2 * bias.limit - 1;
  std::vector<float> table;
  for (std::int64_t head = 0; head < heads; ++head) {
    const auto begin = bias.values.begin() + (bias.functions == 1 ? 0 : head * distances);
    for (const double value :
         cut(std::vector<double>(begin, begin + distances), bias.limit, limit)) {
      table.push_back(static_cast<float>(value));
    }
  }
  return make_tensor<float>({heads, 2 * limit - 1}, std::move(table));
}

void add_products(DistanceScores& sum, const Scores::Content& content,
                  const DistanceProducts& products) {
  const bool of_query = is_same(products.heads.columns, content.query.columns) && !products.turned;
  const bool of_key = is_same(products.heads.columns, content.key.columns) && products.turned;
  expect(of_query != of_key, "distances to be multiplied with the query or the key");
  auto& place = of_query ? sum.by_query : sum.by_key;
  expect(!place && !products.heads.rotation,
         "one product with distances for each of query and key");
  place = products.vectors;
  place->scale *= static_cast<float>(products.heads.scale);
  place->entries = cut(place->entries, products.limit, sum.limit);
  // Until here they are those of the product's own token minus the other one.
  if (of_key) std::reverse(place->entries.begin(), place->entries.end());
}

std::optional<DistanceScores> distance_scores(const Scores& scores) {
  if (scores.products.empty() && !scores.bias) return std::nullopt;
  DistanceScores sum;
  sum.limit = scores.bias ? scores.bias->limit : scores.products[0].limit;
  for (const DistanceProducts& products : scores.products)
    sum.limit = std::min(sum.limit, products.limit);
  for (const DistanceProducts& products : scores.products)
    add_products(sum, *scores.content, products);
  if (scores.bias) sum.bias = bias_table(*scores.bias, scores.content->query.heads, sum.limit);
  return sum;
}

bool has_shape_of(const Heads& a, const Heads& b) {
  return a.heads == b.heads && a.head_size == b.head_size;
}

void emit_attention(Lowering& lowering, const Node& node, const Scores& scores,
                    const Heads& value) {
  expect(scores.content.has_value(), "scores of query and key");
  expect(scores.hides_padding || !lowering.has_padding(),
         "padding to be hidden, which a graph of a fixed length has");
  const auto& [query, key, scale] = *scores.content;
  expect(value.axes == Axes::k_heads && value.scale == 1 && !value.rotation &&
             has_shape_of(query, value),
         "values as the heads have them");
  Attention attention;
  attention.query = query.columns;
  attention.key = key.columns;
  attention.value = value.columns;
  attention.heads = query.heads;
  attention.head_size = query.head_size;
  attention.scale = static_cast<float>(scale * query.scale * key.scale);
  expect(query.rotation.has_value() == key.rotation.has_value() &&
             query.sorted_pairs == key.sorted_pairs && attention.scale != 0,
         "query and key to be turned alike");
  if (query.rotation) {
    expect(query.rotation->cosines.bytes.data() == key.rotation->cosines.bytes.data(),
           "query and key to be turned alike");
    attention.rotation = query.rotation;
  }
  attention.distance_scores = distance_scores(scores);
  attention.window = scores.window;
  Heads output = value;
  output.columns = {lowering.append(std::move(attention), Rows::k_tokens, value.width()), 0};
  lowering.set(node.outputs[0], std::move(output));
}

std::optional<Scores> as_scores(const Lowering& lowering, const Node& node, std::size_t input) {
  if (const auto* scores = lowering.find<Scores>(node, input)) return *scores;
  const auto* products = lowering.find<DistanceProducts>(node, input);
  if (products == nullptr) return std::nullopt;
  expect(products->limit > 0 && !products->lone, "products with distances as they are looked up");
  Scores scores;
  scores.products = {*products};
  return scores;
}

void multiply(Scores& scores, double factor) {
  if (scores.content) scores.content->scale *= factor;
  for (DistanceProducts& products : scores.products)
    products.vectors.scale *= static_cast<float>(factor);
  if (!scores.bias) return;
  for (double& value : scores.bias->values) value *= factor;
}

// The distance up to which values are kept; throws NotLowered unless all others are left out.
std::int64_t window_of(const ByDistance& mask) {
  const auto left_out = [&](std::int64_t distance) {
    return mask.values[static_cast<std::size_t>(distance + mask.limit - 1)] <= k_weakest_filter;
  };
  std::int64_t window = -1;
  while (window + 1 < mask.limit && !left_out(window + 1) && !left_out(-window - 1)) ++window;
  expect(window >= 0 && mask.functions == 1, "a window around each token to be kept");
  for (std::int64_t distance = window + 1; distance < mask.limit; ++distance) {
    expect(left_out(distance) && left_out(-distance), "a window around each token to be kept");
  }
  return window;
}

// Adds a bias, a mask or both.
void add_by_distance(Scores& scores, ByDistance added) {
  if (added.limit == 0) {
    expect(added.values[0] > k_weakest_filter, "a mask that keeps the tokens");
    return;  // the softmax takes the same from all
  }
  const auto lowest = std::min_element(added.values.begin(), added.values.end());
  if (*lowest <= k_weakest_filter) {
    const std::int64_t window = window_of(added);
    scores.window = scores.window ? std::min(*scores.window, window) : window;
    for (double& value : added.values) value = value <= k_weakest_filter ? 0 : value;
  }
  const bool is_zero = std::all_of(added.values.begin(), added.values.end(),
                                   [](double value) { return value == 0; });
  if (is_zero) return;
  expect(!scores.bias, "one bias");
  scores.bias = std::move(added);
}

// What is added to scores, or chooses them, or something else in their place.
enum class Mask : std::uint8_t { k_added, k_keeping, k_dropping };

bool hides_padding(Lowering& lowering, ValueId value, Mask kind) {
  const auto [held, is_new] = lowering.hiding.try_emplace({value, static_cast<int>(kind)});
  if (is_new) {
    held->second = lowering.lengths().tells_padding(value, false, [&](double number) {
      return kind == Mask::k_added ? number <= k_weakest_filter
                                   : (number != 0) == (kind == Mask::k_dropping);
    });
  }
  return held->second;
}

void join(Scores& scores, const Scores& other) {
  expect(!scores.shares && !other.shares && !(scores.content && other.content) && !other.window &&
             !(scores.bias && other.bias),
         "scores of one query and key, and what is added to them");
  scores.hides_padding = scores.hides_padding || other.hides_padding;
  if (other.content) scores.content = other.content;
  if (other.bias) scores.bias = other.bias;
  scores.products.insert(scores.products.end(), other.products.begin(), other.products.end());
}

}  // namespace

bool lower_head_product(Lowering& lowering, const Node& node) {
  if (const auto* found = lowering.find<Scores>(node, 0)) {
    const Scores scores = *found;
    const Heads* value = find_heads(lowering, node, 1);
    expect(scores.shares && value != nullptr, "shares of the values");
    emit_attention(lowering, node, scores, *value);
    return true;
  }
  const Heads* left = find_heads(lowering, node, 0);
  if (left == nullptr) return false;
  const Heads query = *left;
  const Heads* key = find_heads(lowering, node, 1);
  if (key == nullptr) return lower_distance_product(lowering, node, query);
  expect(query.axes == Axes::k_heads && key->axes == Axes::k_turned && has_shape_of(query, *key),
         "query and key as the product has them");
  Scores scores;
  scores.content = {query, *key, 1};
  scores.content->key.axes = Axes::k_heads;
  lowering.set(node.outputs[0], std::move(scores));
  return true;
}

// Heads that were turned, where that can be told already, become what they are before they are scaled.
void settle_rotation(Lowering& lowering, const Node& node, std::size_t input) {
  try {
    find_heads(lowering, node, input);
  } catch (const NotLowered&) {
    // A part of a rotation: what it is shows where the rest comes to it.
  }
}

// Mul or Div by a number.
bool lower_scaling(Lowering& lowering, const Node& node) {
  for (const std::size_t factor : {std::size_t{1}, std::size_t{0}}) {
    if (node.is("Div") && factor == 0) continue;
    if (!Lowering::has_input(node, factor) || !Lowering::has_input(node, 1 - factor)) continue;
    const auto number = lowering.lengths().number(node.inputs[factor]);
    if (!number || *number == 0) continue;
    settle_rotation(lowering, node, 1 - factor);
    const LoweredValue& scaled = lowering.of(node, 1 - factor);
    const bool is_scaled = std::holds_alternative<Scores>(scaled) ||
                           std::holds_alternative<Heads>(scaled) ||
                           std::holds_alternative<DistanceProducts>(scaled);
    if (!is_scaled) continue;
    const double by = node.is("Div") ? 1 / *number : *number;
    LoweredValue result = scaled;
    if (auto* scores = std::get_if<Scores>(&result)) {
      expect(!scores->shares, "scores before the softmax to be scaled");
      multiply(*scores, by);
    }
    if (auto* heads = std::get_if<Heads>(&result)) heads->scale *= by;
    if (auto* products = std::get_if<DistanceProducts>(&result)) {
      products->vectors.scale *= static_cast<float>(by);
    }
    lowering.set(node.outputs[0], std::move(result));
    return true;
  }
  return false;
}

bool lower_score_sum(Lowering& lowering, const Node& node) {
  const auto left = as_scores(lowering, node, 0);
  const auto right = as_scores(lowering, node, 1);
  if (!left && !right) return false;
  Scores scores = left ? *left : *right;
  if (left && right) {
    join(scores, *right);
  } else {
    const auto& added = find_by_distance(lowering, node.inputs[left ? 1 : 0]);
    expect(added.has_value(),
           "a mask, or a bias that depends on the distance, to be added to the scores");
    add_by_distance(scores, *added);
    scores.hides_padding =
        scores.hides_padding || hides_padding(lowering, node.inputs[left ? 1 : 0], Mask::k_added);
  }
  lowering.set(node.outputs[0], std::move(scores));
  return true;
}

// Where(condition, scores, a very low number), or the other way round.
bool lower_score_choice(Lowering& lowering, const Node& node) {
  for (const std::size_t kept : {std::size_t{1}, std::size_t{2}}) {
    const auto* found = lowering.find<Scores>(node, kept);
    if (found == nullptr) continue;
    const auto filter = lowering.lengths().number(node.inputs[3 - kept]);
    const auto& condition = find_by_distance(lowering, node.inputs[0]);
    expect(filter && *filter <= k_weakest_filter && condition,
           "scores outside of a window to be left out");
    ByDistance mask = *condition;
    for (double& value : mask.values) value = (value != 0) == (kept == 1) ? 0 : *filter;
    Scores scores = *found;
    add_by_distance(scores, std::move(mask));
    scores.hides_padding =
        scores.hides_padding ||
        hides_padding(lowering, node.inputs[0], kept == 1 ? Mask::k_keeping : Mask::k_dropping);
    lowering.set(node.outputs[0], std::move(scores));
    return true;
  }
  return false;
}

void lower_softmax(Lowering& lowering, const Node& node) {
  const auto* found = lowering.find<Scores>(node, 0);
  const std::int64_t axis = node.integer("axis", -1);
  expect(found != nullptr && !found->shares && (axis == -1 || axis == 3),
         "scores of queries and keys");
  Scores scores = *found;
  scores.shares = true;
  lowering.set(node.outputs[0], std::move(scores));
}

}  // namespace hasten::engine
