// Sums of four products of an unsigned and a signed byte, in portable C++.
//
// Included inside an anonymous namespace of a kernel file, after a vector header. Each dot_*.h
// defines:
// - Element, Weight8: what one activation and one packed weight are stored as;
// - k_group: how many values of k one step takes;
// - Factor, Columns: one row's group for all columns, one vector of columns;
// - multiply_add(sum, factor, columns): adds k_group products to each lane, exactly;
// - whole_sum(sum, column_scales, column_sums): the sum of activations as they are, where Element
//   stores them otherwise. The last two are those of GemmTask.
#pragma once

using Element = std::uint8_t;
using Weight8 = std::int8_t;
constexpr std::size_t k_group = 4;

struct Factor {
  const std::uint8_t* bytes;
};
struct Columns {
  const std::int8_t* bytes;
};
HASTEN_INLINE Factor load_factor(const Element* from) {
  return {from};
}
HASTEN_INLINE Columns load_columns(const Weight8* from) {
  return {from};
}

HASTEN_INLINE IntegerLanes multiply_add(const IntegerLanes& sum, const Factor& factor,
                                        const Columns& columns) {
  IntegerLanes result = sum;
  for (int i = 0; i < 16; ++i) {
    for (int k = 0; k < 4; ++k) result.lane[i] += factor.bytes[k] * columns.bytes[4 * i + k];
  }
  return result;
}

HASTEN_INLINE IntegerLanes whole_sum(const IntegerLanes& sum, const Lanes&, const Lanes&) {
  return sum;
}
