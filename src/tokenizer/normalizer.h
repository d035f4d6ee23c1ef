// A definition's normalizers, run one after the other.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/definition.h"

namespace hasten::tokenizer {

// Working memory of one thread.
struct NormalizerScratch {
  std::vector<char32_t> codes;
  std::string texts[2];
};

// What a step is told and tells beside the text.
struct NormalizerContext {
  NormalizerScratch& scratch;
  // Whether the text still starts with what it started with: Metaspace's "first" asks.
  bool keeps_start = true;
};

// One step. Immutable.
class NormalizerStep {
 public:
  virtual ~NormalizerStep() = default;
  // Appends the normalized form of valid UTF-8 to `out`; false, leaving `out` alone, when it is the
  // same as `text`.
  virtual bool apply(std::string_view text, NormalizerContext& context, std::string& out) const = 0;
};

// Immutable; used by many threads, each with its own scratch.
class Normalizer {
 public:
  Normalizer() = default;
  explicit Normalizer(const std::vector<NormalizerDefinition>& steps);

  bool empty() const { return steps_.empty(); }
  // The normalized form of valid UTF-8: `text` itself or a view of the scratch, which lasts until
  // the next call.
  std::string_view apply(std::string_view text, NormalizerContext& context) const;

 private:
  std::vector<std::shared_ptr<const NormalizerStep>> steps_;
};

}  // namespace hasten::tokenizer
