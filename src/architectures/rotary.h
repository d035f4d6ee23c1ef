// Rotary positions (Su et al. 2021): query and key are turned by angles that grow with the
// position.
#pragma once

#include <string>

#include "architectures/encoder_builder.h"

namespace hasten::architectures {

// cos and sin of position * theta^(-2i / head_size), i = 0 .. head_size / 2 - 1, each twice side by
// side: float32 [sequence_length, head_size].
struct RotaryAngles {
  ValueId cosines, sines;
};

// Angles for up to `limit` positions; `name` is what the tables are named after. head_size is even.
RotaryAngles rotary_angles(EncoderBuilder& builder, ValueId input_ids, std::int64_t limit,
                           std::int64_t head_size, double theta, const std::string& name);

// heads * cos + (-second half, first half) * sin, for [batch, heads, sequence, head_size].
ValueId rotate_heads(EncoderBuilder& builder, ValueId heads, const RotaryAngles& angles,
                     const std::string& name);

}  // namespace hasten::architectures
