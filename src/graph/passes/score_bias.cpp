#include "graph/passes/score_bias.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "graph/broadcast.h"
#include "graph/passes/cast_to_int32.h"
#include "graph/passes/floating_constant.h"
#include "graph/passes/match.h"
#include "graph/passes/value_type.h"

namespace hasten::graph {
namespace {

// A mask and a bias may both leave a key out, and must not make its score infinite together.
constexpr double k_lowest_beside_a_bias = -1e30;

// So low that a score beside it is lost in rounding: a query that attends to nothing weighs all
// keys alike, as it does where scores were replaced.
double lowest_score(DType dtype) {
  constexpr double k_bfloat16_lowest = -3.3895313892515355e38;
  return dtype == DType::k_bfloat16 ? k_bfloat16_lowest : std::numeric_limits<float>::lowest();
}

// Dimensions of a part for one of the batches that are tried; nothing when it cannot be added to
// [batch, heads, length, length].
std::optional<Dims> dims_for(const ShapeWalk& walk, ValueId value, ProbeSize probe,
                             std::int64_t heads) {
  const auto& dims = walk.dims(value);
  const Dims scores = {probe.batch, heads, probe.length, probe.length};
  return dims && broadcast_dims(*dims, scores) == scores ? dims : std::nullopt;
}

bool has_all_axes(const Dims& dims, std::int64_t heads) {
  return dims.size() == 4 && dims[1] == heads && dims[2] == k_probe_size.length &&
         dims[3] == k_probe_size.length;
}

}  // namespace

bool ScoreBiasBuilder::can_build(const ScoreBias& bias, std::int64_t heads) const {
  const auto fits = [&](ValueId value) {
    return dims_for(shapes_.walk(), value, k_probe_size, heads).has_value() &&
           dims_for(shapes_.other_walk(), value, k_other_probe_size, heads).has_value();
  };
  return std::all_of(bias.terms.begin(), bias.terms.end(),
                     [&](const auto& term) { return fits(term.value); }) &&
         std::all_of(bias.choices.begin(), bias.choices.end(),
                     [&](const auto& choice) { return fits(choice.condition); });
}

DType ScoreBiasBuilder::type_of_scores(const ScoreBias& bias, DType dtype) const {
  const bool replaces = std::any_of(bias.choices.begin(), bias.choices.end(),
                                    [&](const auto& choice) { return !as_key_mask(choice); });
  return replaces && dtype == DType::k_float16 ? DType::k_float32 : dtype;
}

ScoreInputs ScoreBiasBuilder::build(const ScoreBias& bias, ValueId query, std::int64_t heads,
                                    DType dtype) {
  ScoreInputs inputs;
  const auto is_mask = [&](const auto& part) {
    if (inputs.mask) return false;
    inputs.mask = as_key_mask(part);
    return inputs.mask.has_value();
  };
  std::vector<Part> parts;
  for (const ScoreBias::Term& term : bias.terms) {
    if (!is_mask(term)) parts.push_back(scaled(term, dtype));
  }
  std::optional<Part> total = sum(std::move(parts), dtype);
  for (const ScoreBias::Choice& choice : bias.choices) {
    if (!is_mask(choice)) total = chosen(choice, total, dtype);
  }
  if (inputs.mask) inputs.mask->input = cast_to_int32(graph_, inputs.mask->input);
  if (!total) return inputs;
  if (inputs.mask)
    inputs.mask->filter_value = std::max(inputs.mask->filter_value, k_lowest_beside_a_bias);
  inputs.attention_bias = with_all_axes(*total, query, heads, dtype);
  return inputs;
}

std::optional<MaskSource> ScoreBiasBuilder::as_key_mask(const ScoreBias::Term& term) const {
  constexpr double k_next_to_nothing = 1e-6;
  const auto mask = find_mask(graph_, shapes_, term.value);
  if (!mask || std::abs(mask->kept * term.factor) > k_next_to_nothing) return std::nullopt;
  const double filter = mask->dropped * term.factor;
  if (!(filter <= k_weakest_filter)) return std::nullopt;
  return MaskSource{mask->input, filter};
}

std::optional<MaskSource> ScoreBiasBuilder::as_key_mask(const ScoreBias::Choice& choice) const {
  const auto mask = find_mask(graph_, shapes_, choice.condition);
  if (!mask || mask->dropped != (choice.dropped ? 1 : 0)) return std::nullopt;
  return MaskSource{mask->input, std::numeric_limits<float>::lowest()};
}

ScoreBiasBuilder::Part ScoreBiasBuilder::scaled(const ScoreBias::Term& term, DType dtype) {
  const Dims dims = *shapes_.dims(term.value);
  const ValueId value = cast_floating(graph_, term.value, dtype);
  if (term.factor == 1) return {value, dims};
  return {op("Mul", {value, number(term.factor, dtype)}, dtype, ".scaled"), dims};
}

// What is left out of a sum is not added to the filter value, so that no score becomes infinite.
ScoreBiasBuilder::Part ScoreBiasBuilder::chosen(const ScoreBias::Choice& choice,
                                                const std::optional<Part>& kept, DType dtype) {
  ValueId when_true = number(lowest_score(dtype), dtype);
  ValueId when_false = kept ? kept->value : number(0, dtype);
  if (!choice.dropped) std::swap(when_true, when_false);
  const Dims& dims = *shapes_.dims(choice.condition);
  return {op("Where", {choice.condition, when_true, when_false}, dtype, ".bias"),
          kept ? *broadcast_dims(dims, kept->dims) : dims};
}

// Small ones first: what is the same for all texts or heads is added once.
std::optional<ScoreBiasBuilder::Part> ScoreBiasBuilder::sum(std::vector<Part> parts, DType dtype) {
  if (parts.empty()) return std::nullopt;
  std::stable_sort(parts.begin(), parts.end(), [](const Part& left, const Part& right) {
    return element_count(left.dims) < element_count(right.dims);
  });
  Part total = parts[0];
  for (std::size_t next = 1; next < parts.size(); ++next) {
    total = {op("Add", {total.value, parts[next].value}, dtype, ".sum"),
             *broadcast_dims(total.dims, parts[next].dims)};
  }
  return total;
}

ValueId ScoreBiasBuilder::with_all_axes(const Part& part, ValueId query, std::int64_t heads,
                                        DType dtype) {
  if (has_all_axes(part.dims, heads)) return part.value;
  const ValueId axis = graph_.add_constant("sequence.axis", make_tensor<std::int64_t>({1}, {1}));
  const ValueId shape = op("Shape", {query}, DType::k_int64, ".shape");
  const ValueId length = op("Gather", {shape, axis}, DType::k_int64, ".length");
  const ValueId front =
      graph_.add_constant("batch.and.heads", make_tensor<std::int64_t>({2}, {1, heads}));
  const ValueId target =
      graph_.add_op("Concat", {front, length, length}, {{"axis", std::int64_t{0}}});
  graph_.value(target).dtype = DType::k_int64;
  return op("Expand", {part.value, target}, dtype, ".expanded");
}

ValueId ScoreBiasBuilder::number(double value, DType dtype) {
  return graph_.add_constant("attention_bias.number", make_floating(dtype, {}, std::array{value}));
}

ValueId ScoreBiasBuilder::op(std::string_view type, std::vector<ValueId> inputs, DType dtype,
                             std::string_view suffix) {
  const std::string name = graph_.value(inputs[0]).name + std::string(suffix);
  const ValueId result = graph_.add_op(std::string(type), std::move(inputs), {}, name);
  graph_.value(result).dtype = dtype;
  return result;
}

}  // namespace hasten::graph
