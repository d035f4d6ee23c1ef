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
  // How many bytes at the text's start come of the first code point of the whole input: Metaspace's
  // "first" asks. 0 where none do, or nobody asks; Normalizer keeps it up to date.
  std::size_t start_length = 0;
};

// One step. Immutable.
class NormalizerStep {
 public:
  virtual ~NormalizerStep() = default;
  // Appends the normalized form of valid UTF-8 to `out`; false, leaving `out` alone, when it is the
  // same as `text`.
  virtual bool apply(std::string_view text, NormalizerContext& context, std::string& out) const = 0;
  // context.start_length, which is above 0, after apply(text): what becomes of those bytes alone.
  virtual std::size_t next_start_length(std::string_view text, NormalizerContext& context) const;
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
