// The way of a text from characters to ids, between its added tokens.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace hasten::tokenizer {

// What one thread needs to run a pipeline.
class PipelineScratch {
 public:
  virtual ~PipelineScratch() = default;
};

// Immutable. One implementation runs any definition step by step; the others run one family's steps
// in a single pass.
class Pipeline {
 public:
  virtual ~Pipeline() = default;

  virtual std::unique_ptr<PipelineScratch> make_scratch() const = 0;

  // Appends the ids of a stretch of valid UTF-8. `start_length` is how many bytes at its start come
  // of the first code point of the whole input; 0: none, or nobody asks. May stop once `ids` holds more than `enough`.
  virtual void encode(std::string_view text, std::size_t start_length, PipelineScratch& scratch,
                      std::vector<std::int32_t>& ids, std::size_t enough) const = 0;
};

}  // namespace hasten::tokenizer
