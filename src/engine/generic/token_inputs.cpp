#include "engine/generic/token_inputs.h"

#include <algorithm>
#include <numeric>

#include "graph/interpreter.h"

namespace hasten::engine::generic {
namespace {

std::int64_t texts_of(const graph::FixedSizes& sizes) {
  return std::max<std::int64_t>(sizes.batch, 1);
}

void set_input(const graph::Value& input, const graph::FixedSizes& sizes,
               std::span<const std::int32_t> values, Array& target) {
  const DType dtype = input.dtype.value_or(DType::k_int64);
  target = graph::make_integers<float>(dtype, row_dims(values.size(), sizes),
                                       as_rows<std::int64_t>(values, sizes));
}

}  // namespace

template <typename Integer>
std::vector<Integer> as_rows(std::span<const std::int32_t> values, const graph::FixedSizes& sizes) {
  const auto length = sizes.length > 0 ? static_cast<std::size_t>(sizes.length) : values.size();
  std::vector<Integer> rows;
  for (std::int64_t text = 0; text < texts_of(sizes); ++text) {
    rows.insert(rows.end(), values.begin(), values.end());
    rows.resize(rows.size() + length - values.size());
  }
  return rows;
}
template std::vector<std::int32_t> as_rows(std::span<const std::int32_t>, const graph::FixedSizes&);
template std::vector<std::int64_t> as_rows(std::span<const std::int32_t>, const graph::FixedSizes&);

Dims row_dims(std::size_t length, const graph::FixedSizes& sizes) {
  return {texts_of(sizes), sizes.length > 0 ? sizes.length : static_cast<std::int64_t>(length)};
}

void check_inputs(const graph::Graph& graph, const graph::FixedSizes& sizes, std::size_t length) {
  const std::vector<std::int32_t> zeros(length);
  for (const graph::ValueId id : graph.inputs()) {
    const graph::Value& input = graph.value(id);
    const bool narrow = input.dtype == DType::k_int32;
    graph::check_input(
        input, narrow ? make_tensor(row_dims(length, sizes), as_rows<std::int32_t>(zeros, sizes))
                      : make_tensor(row_dims(length, sizes), as_rows<std::int64_t>(zeros, sizes)));
  }
}

void set_length_inputs(const graph::Graph& graph, const graph::FixedSizes& sizes,
                       std::size_t length, ArraySlots& slots) {
  std::vector<std::int32_t> values(length, 1);
  for (const graph::ValueId id : graph.inputs()) {
    const graph::Value& input = graph.value(id);
    if (input.name == "attention_mask") set_input(input, sizes, values, slots.at(id, 0));
  }
  std::iota(values.begin(), values.end(), 0);
  for (const graph::ValueId id : graph.inputs()) {
    const graph::Value& input = graph.value(id);
    if (input.name == "position_ids") set_input(input, sizes, values, slots.at(id, 0));
    // Of these only the shape is read: their values are those of a text.
    if (input.name == "input_ids" || input.name == "token_type_ids")
      set_input(input, sizes, std::vector<std::int32_t>(length), slots.at(id, 0));
  }
}

void set_text_inputs(const graph::Graph& graph, const graph::FixedSizes& sizes,
                     std::span<const std::int32_t> token_ids,
                     std::span<const std::int32_t> type_ids, std::size_t text, ArraySlots& slots) {
  for (const graph::ValueId id : graph.inputs()) {
    const graph::Value& input = graph.value(id);
    if (input.name == "input_ids") set_input(input, sizes, token_ids, slots.at(id, text));
    if (input.name == "token_type_ids") set_input(input, sizes, type_ids, slots.at(id, text));
  }
}

}  // namespace hasten::engine::generic
