#include "tokenizer/pre_tokenizer.h"

#include <algorithm>

#include "tokenizer/pre_tokenizer_steps.h"

namespace hasten::tokenizer {

PreTokenizer::PreTokenizer(const std::vector<PreTokenizerDefinition>& steps) {
  for (const PreTokenizerDefinition& step : steps) {
    std::visit([&](const auto& options) { add_steps(options, steps_); }, step);
  }
}

const Pieces& PreTokenizer::apply(std::string_view text, std::size_t start_length,
                                  PreTokenizerScratch& scratch) const {
  std::size_t current = 0;
  std::size_t free = 0;
  scratch.pieces[0].text = text;
  scratch.pieces[0].pieces.assign(1, {0, text.size(), std::min(start_length, text.size())});
  if (text.empty()) scratch.pieces[0].pieces.clear();
  for (const auto& step : steps_) {
    const Pieces& in = scratch.pieces[current];
    Pieces& out = scratch.pieces[1 - current];
    out.text = in.text;
    out.pieces.clear();
    scratch.texts[free].clear();
    step->apply(in, out, scratch.texts[free]);
    if (out.text.data() == scratch.texts[free].data()) free = 1 - free;
    current = 1 - current;
  }
  return scratch.pieces[current];
}

}  // namespace hasten::tokenizer
