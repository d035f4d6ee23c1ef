// What the writer and the reader of the text form (dump.h) agree on.
#pragma once

#include <cstdint>
#include <string_view>

namespace hasten::graph::text_form {

inline constexpr std::string_view k_name_characters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:-";
inline constexpr std::int64_t k_max_elements = 8;  // of a constant, that are written out
inline constexpr int k_max_depth = 32;             // of bodies within bodies
inline constexpr std::int64_t k_default_opset = 17;

}  // namespace hasten::graph::text_form
