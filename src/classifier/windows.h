// A row's token sequences: one, or the sliding windows over a long text as simpletransformers cuts
// them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace hasten::classifier {

// The sequences of one row, one after the other. Reused between rows so that its memory is.
struct Sequences {
  std::vector<std::int32_t> ids, type_ids;
  std::vector<std::size_t> ends;  // where each sequence ends in `ids`
  bool truncated = false;         // something of the text is in no sequence

  std::size_t count() const { return ends.size(); }
  std::size_t begin_of(std::size_t index) const { return index == 0 ? 0 : ends[index - 1]; }
  void clear();
  void append(std::span<const std::int32_t> more_ids, std::span<const std::int32_t> more_types);
  // Ends the sequence that append() has built.
  void end_sequence() { ends.push_back(ids.size()); }
};

// What a tokenizer puts around the tokens of a text ([CLS] and [SEP]), with their type ids.
struct TextFrame {
  std::vector<std::int32_t> before, before_types;
  std::vector<std::int32_t> after, after_types;
};

// Found by encoding a word with and without special tokens; throws k_unsupported for a tokenizer
// that gives the word no token or changes it.
TextFrame find_frame(const tokenizer::Tokenizer& tokenizer);

// How windows lie over the tokens of a text.
struct WindowLayout {
  std::size_t content = 0;  // tokens of the text in a window, 1 or more
  std::size_t stride = 0;   // tokens from the start of one to the start of the next, 1 or more
};

// Cuts a text's own tokens into framed windows: one when they fit, else one at every multiple of
// the stride below their number (simpletransformers' convert_example_to_feature_sliding_window), so
// that the last may hold only what the one before it holds too. With a stride above the content,
// the tokens between two windows are in neither.
void cut_windows(const tokenizer::Encoding& content, const TextFrame& frame,
                 const WindowLayout& layout, Sequences& out);

}  // namespace hasten::classifier
