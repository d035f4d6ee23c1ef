// Whose names emoji get.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace hasten::tokenizer::bertweet {

// The version of Python's `emoji` package: 0.6.0 is what BERTweet's authors ask for; of the later
// ones, which transformers takes as well, 2.14.1 is known.
enum class EmojiVersion : std::uint8_t { k_0_6_0, k_2_14_1 };

inline std::optional<EmojiVersion> emoji_version_of(std::string_view name) {
  if (name == "0.6.0") return EmojiVersion::k_0_6_0;
  if (name == "2.14.1") return EmojiVersion::k_2_14_1;
  return std::nullopt;
}

}  // namespace hasten::tokenizer::bertweet
