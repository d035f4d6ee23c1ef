// Activations by the names that transformers gives them (its table ACT2FN).
#pragma once

#include <string>
#include <string_view>

#include "architectures/encoder_builder.h"

namespace hasten::architectures {

// The text setting `key` of config.json, `fallback` when absent. Throws k_unsupported listing the
// functions that there are when it is none of them.
std::string read_activation(Settings& settings, std::string_view key, std::string_view fallback);

// function(input), the function being the text setting `key` of config.json, `fallback` when
// absent. Throws k_unsupported listing those that there are.
ValueId add_activation(EncoderBuilder& builder, ValueId input, std::string_view key,
                       std::string_view fallback, const std::string& name);

// The same for a function that the architecture itself fixes.
ValueId add_named_activation(EncoderBuilder& builder, ValueId input, std::string_view function,
                             const std::string& name);

}  // namespace hasten::architectures
