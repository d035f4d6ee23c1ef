#include "graph/passes/score_bias.h"

#include <algorithm>
#include <cmath>

#include "graph/broadcast.h"
#include "graph/passes/cast_to_int32.h"
#include "graph/passes/empty_rows.h"
#include "graph/passes/match.h"
#include "graph/passes/value_type.h"

namespace hasten::graph {
namespace {

ValueId value_of(const ScoreBias::Step& step) {
  const auto* term = std::get_if<ScoreBias::Term>(&step);
  return term != nullptr ? term->value : std::get<ScoreBias::Choice>(step).condition;
}

// Dimensions of a part for one of the batches that are tried; nothing when it cannot be added to
// [batch, heads, length, length].
std::optional<Dims> dims_for(const ShapeWalk& walk, ValueId value, std::int64_t heads) {
  const ProbeSize probe = walk.size();
  const auto& dims = walk.dims(value);
  const Dims scores = {probe.batch, heads, probe.length, probe.length};
  return dims && broadcast_dims(*dims, scores) == scores ? dims : std::nullopt;
}

bool has_all_axes(const Dims& dims, std::int64_t heads, std::int64_t length) {
  return dims.size() == 4 && dims[1] == heads && dims[2] == length && dims[3] == length;
}

}  // namespace

bool ScoreBiasBuilder::can_build(const ScoreBias& bias, std::int64_t heads) const {
  return std::all_of(bias.steps.begin(), bias.steps.end(), [&](const ScoreBias::Step& step) {
    const ValueId value = value_of(step);
    return dims_for(shapes_.walk(), value, heads).has_value() &&
           dims_for(shapes_.other_walk(), value, heads).has_value();
  });
}

DType ScoreBiasBuilder::type_of_scores(const ScoreBias& bias, DType dtype) const {
  if (dtype != DType::k_float16) return dtype;
  for (std::size_t step = 0; step < bias.steps.size(); ++step) {
    const bool replaces = std::holds_alternative<ScoreBias::Choice>(bias.steps[step]);
    if (replaces && !as_key_mask(bias, step)) return DType::k_float32;
  }
  return dtype;
}

ScoreInputs ScoreBiasBuilder::build(const ScoreBias& bias, ValueId query, std::int64_t heads,
                                    DType dtype) {
  ScoreInputs inputs;
  ScoreBias rest;
  for (std::size_t step = 0; step < bias.steps.size(); ++step) {
    const auto mask = inputs.mask ? std::nullopt : as_key_mask(bias, step);
    if (mask) inputs.mask = mask;
    if (!mask) rest.steps.push_back(bias.steps[step]);
  }
  if (inputs.mask) inputs.mask->input = cast_to_int32(graph_, inputs.mask->input);
  const bool zeroes = needs_zeroed_queries(bias);
  std::optional<Part> total;
  for (const ScoreBias::Step& step : sorted(rest.steps)) {
    const auto* choice = std::get_if<ScoreBias::Choice>(&step);
    total = choice == nullptr
                ? added(std::get<ScoreBias::Term>(step), total, dtype)
                : chosen(*choice, zeroes ? choice->filter : filter_that_replaces(choice->filter),
                         total, dtype);
  }
  if (total) inputs.attention_bias = with_all_axes(*total, query, heads, dtype);
  if (zeroes) inputs.query_sees = rows_above(graph_, inputs.attention_bias, k_weakest_filter);
  return inputs;
}

std::optional<MaskSource> ScoreBiasBuilder::as_key_mask(const ScoreBias& bias,
                                                        std::size_t step) const {
  if (const auto* choice = std::get_if<ScoreBias::Choice>(&bias.steps[step])) {
    if (bias.steps.size() > 1) return std::nullopt;
    const auto mask = find_mask(graph_, shapes_, choice->condition);
    if (!mask || mask->dropped != (choice->dropped ? 1 : 0)) return std::nullopt;
    return MaskSource{mask->input, filter_that_replaces(choice->filter)};
  }
  const auto replaces = [](const auto& other) {
    return std::holds_alternative<ScoreBias::Choice>(other);
  };
  if (std::any_of(bias.steps.begin(), bias.steps.end(), replaces)) return std::nullopt;
  return low_mask(std::get<ScoreBias::Term>(bias.steps[step]));
}

std::optional<MaskSource> ScoreBiasBuilder::low_mask(const ScoreBias::Term& term) const {
  constexpr double k_next_to_nothing = 1e-6;
  const auto mask = find_mask(graph_, shapes_, term.value);
  if (!mask || std::abs(mask->kept * term.factor) > k_next_to_nothing) return std::nullopt;
  const double filter = mask->dropped * term.factor;
  if (!(filter <= k_weakest_filter)) return std::nullopt;
  return MaskSource{mask->input, filter};
}

// A weak filter value is as good as a low one where all scores of a query are replaced by it, and
// nothing is added to it then.
bool ScoreBiasBuilder::needs_zeroed_queries(const ScoreBias& bias) const {
  std::optional<double> weak;
  bool has_lower = false;
  for (const ScoreBias::Step& step : bias.steps) {
    if (const auto* term = std::get_if<ScoreBias::Term>(&step)) {
      if (weak) return true;
      has_lower = has_lower || low_mask(*term);
      continue;
    }
    const double filter = std::get<ScoreBias::Choice>(step).filter;
    if (filter <= k_absorbing_filter) {
      has_lower = true;
    } else if (weak.value_or(filter) != filter) {
      return true;
    } else {
      weak = filter;
    }
  }
  return weak && has_lower;
}

ScoreBiasBuilder::Part ScoreBiasBuilder::added(const ScoreBias::Term& term,
                                               const std::optional<Part>& before, DType dtype) {
  Part part{cast_floating(graph_, term.value, dtype), *shapes_.dims(term.value)};
  OperatorBuilder sum = builder(part.value, dtype);
  if (term.factor != 1) part.value = sum.op("Mul", {part.value, sum.number(term.factor)});
  if (!before) return part;
  return {sum.op("Add", {before->value, part.value}), *broadcast_dims(before->dims, part.dims)};
}

ScoreBiasBuilder::Part ScoreBiasBuilder::chosen(const ScoreBias::Choice& choice, double filter,
                                                const std::optional<Part>& before, DType dtype) {
  OperatorBuilder scores = builder(choice.condition, dtype);
  ValueId when_true =
      scores.number(std::isinf(filter) ? filter : std::max(filter, lowest_of(dtype)));
  ValueId when_false = before ? before->value : scores.number(0);
  if (!choice.dropped) std::swap(when_true, when_false);
  const Dims& dims = *shapes_.dims(choice.condition);
  return {scores.op("Where", {choice.condition, when_true, when_false}),
          before ? *broadcast_dims(dims, before->dims) : dims};
}

std::vector<ScoreBias::Step> ScoreBiasBuilder::sorted(std::vector<ScoreBias::Step> steps) const {
  const auto is_term = [](const ScoreBias::Step& step) {
    return std::holds_alternative<ScoreBias::Term>(step);
  };
  const auto size = [&](const ScoreBias::Step& step) {
    return element_count(*shapes_.dims(value_of(step)));
  };
  for (auto begin = steps.begin(); begin != steps.end();) {
    const auto end = std::find_if_not(begin, steps.end(), is_term);
    std::stable_sort(begin, end,
                     [&](const auto& left, const auto& right) { return size(left) < size(right); });
    begin = end == steps.end() ? end : std::next(end);
  }
  return steps;
}

ValueId ScoreBiasBuilder::with_all_axes(const Part& part, ValueId query, std::int64_t heads,
                                        DType dtype) {
  if (has_all_axes(part.dims, heads, shapes_.size().length)) return part.value;
  OperatorBuilder sizes = builder(query, DType::k_int64);
  const ValueId length = sizes.op("Gather", {sizes.op("Shape", {query}), sizes.integers({1})});
  const ValueId target =
      sizes.op("Concat", {sizes.integers({1, heads}), length, length}, {{"axis", std::int64_t{0}}});
  return builder(part.value, dtype).op("Expand", {part.value, target});
}

OperatorBuilder ScoreBiasBuilder::builder(ValueId value, DType dtype) {
  return {graph_, graph_.value(value).name, dtype};
}

}  // namespace hasten::graph
