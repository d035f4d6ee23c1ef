// BertNormalizer, BertPreTokenizer and WordPiece in one pass.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "tokenizer/definition.h"
#include "tokenizer/pipeline.h"
#include "tokenizer/wordpiece.h"

namespace hasten::tokenizer {

// The text is cut at ASCII white space and punctuation, which no step moves, joins or removes. Each
// stretch between is looked up in the word cache as it stands in the text; only new ones are
// normalized.
class BertPipeline : public Pipeline {
 public:
  // Without a normalizer the text is taken as normalized.
  BertPipeline(std::shared_ptr<const WordPiece> model, std::optional<BertNormalizer> normalizer);

  std::unique_ptr<PipelineScratch> make_scratch() const override;
  void encode(std::string_view text, std::size_t start_length, PipelineScratch& scratch,
              std::vector<std::int32_t>& ids, std::size_t enough) const override;

 private:
  class BertScratch;
  enum class Byte : std::uint8_t { k_word, k_complex, k_space, k_punctuation };

  static Byte classify(int byte, bool clean_text);
  void encode_stretch(std::string_view stretch, bool complex, BertScratch& scratch,
                      std::vector<std::int32_t>& ids) const;
  void encode_words(std::string_view normalized, std::vector<std::int32_t>& ids) const;

  std::shared_ptr<const WordPiece> model_;
  BertNormalizer normalizer_;
  std::array<Byte, 256> classes_;
  std::array<std::int32_t, 128> punctuation_ids_{};
};

}  // namespace hasten::tokenizer
