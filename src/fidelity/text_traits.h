// Traits of texts that tokenizers treat differently.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace hasten::fidelity {

struct TextTrait {
  std::string kind;     // of the finding: "tokenizer" or "texts"
  std::string name;     // "upper-case letters": what such texts have
  std::string meaning;  // what it means when they alone have other scores
  bool (*holds)(std::string_view text);
};

// The likeliest cause first.
std::span<const TextTrait> text_traits();

}  // namespace hasten::fidelity
