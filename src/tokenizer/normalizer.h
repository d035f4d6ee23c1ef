// A definition's normalizers, run one after the other.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/definition.h"

namespace hasten::tokenizer {

// Immutable; used by many threads, each with its own Scratch.
class Normalizer {
 public:
  struct Scratch {
    std::vector<char32_t> codes;
    std::string from;
    std::string to;
  };

  Normalizer() = default;
  explicit Normalizer(std::vector<NormalizerDefinition> steps) : steps_(std::move(steps)) {}

  bool empty() const { return steps_.empty(); }
  // Appends the normalized form of valid UTF-8.
  void apply(std::string_view text, Scratch& scratch, std::string& out) const;

 private:
  std::vector<NormalizerDefinition> steps_;
};

}  // namespace hasten::tokenizer
