// The split of byte-level BPE: GPT-2's regular expression, by hand.
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
#pragma once

#include <string_view>

namespace hasten::tokenizer {

inline constexpr std::string_view k_gpt2_pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

// Length in bytes of the piece at the start of `text`, which is not empty and valid UTF-8. Every
// text is covered by such pieces.
std::size_t gpt2_piece_length(std::string_view text);

}  // namespace hasten::tokenizer
