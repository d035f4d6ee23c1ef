// What the settings of all families have in common.
#pragma once

#include "architectures/encoder_builder.h"

namespace hasten::architectures {

// Refuses decoders, cross-attention and pruned heads.
void expect_plain_encoder(Settings& settings);

// `width` divided among `heads`; throws k_malformed when it cannot be.
HeadSizes divide_heads(const Settings& settings, std::int64_t width, std::int64_t heads);

}  // namespace hasten::architectures
