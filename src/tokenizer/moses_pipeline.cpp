#include "tokenizer/moses_pipeline.h"

#include "tokenizer/cached_model.h"
#include "tokenizer/moses/normalize_punctuation.h"
#include "tokenizer/moses/split_words.h"
#include "tokenizer/moses_letters.h"

namespace hasten::tokenizer {
class MosesPipeline::MosesPipelineScratch : public PipelineScratch {
 public:
  explicit MosesPipelineScratch(const Model& of) : model(of) {}
  CachedModel model;
};

MosesPipeline::MosesPipeline(std::shared_ptr<const BertweetModel> model,
                             const MosesDefinition& options,
                             std::vector<AddedVocabulary::Pattern> patterns)
    : model_(std::move(model)), is_french_(options.is_french), lower_cases_(options.lower_cases) {
  if (lower_cases_ && !is_french_) added_tokens_ = AddedTokenSplitter(std::move(patterns));
}

std::unique_ptr<PipelineScratch> MosesPipeline::make_scratch() const {
  return std::make_unique<MosesPipelineScratch>(*model_);
}

void MosesPipeline::encode(std::string_view text, std::size_t, PipelineScratch& scratch,
                           std::vector<std::int32_t>& ids, std::size_t enough) const {
  auto& own = static_cast<MosesPipelineScratch&>(scratch);
  if (added_tokens_.empty()) return encode_stretch(text, own, ids, enough);
  std::u32string lower = decode_utf8(text);
  lower_as_python(lower, false);
  const std::string lowered = encode_utf8(lower);
  added_tokens_.split(lowered, [&](const Stretch& stretch) {
    if (stretch.id >= 0) {
      ids.push_back(stretch.id);
    } else if (ids.size() <= enough) {
      encode_stretch(stretch.text, own, ids, enough);
    }
  });
}

std::vector<std::u32string> MosesPipeline::words_of(std::string_view text) const {
  std::u32string codes = decode_utf8(text);
  if (!is_french_) {
    moses::normalize_punctuation(codes, moses::Language::k_english);
    return moses::split_words(std::move(codes), moses::Language::k_english);
  }
  moses::replace_all(codes, U"``", U"\"");
  moses::replace_all(codes, U"''", U"\"");
  compose_as_python(codes);
  if (lower_cases_) lower_as_python(codes, true);
  moses::normalize_punctuation(codes, moses::Language::k_french);
  return moses::split_words(std::move(codes), moses::Language::k_french);
}

void MosesPipeline::encode_stretch(std::string_view text, MosesPipelineScratch& scratch,
                                   std::vector<std::int32_t>& ids, std::size_t enough) const {
  for (std::u32string& codes : words_of(text)) {
    if (ids.size() > enough) return;
    if (lower_cases_ && !is_french_) {
      lower_as_python(codes, true);
      remove_accents(codes);
      lower_as_python(codes, true);
    }
    if (codes.empty()) continue;
    const std::string word = encode_utf8(codes);
    scratch.model.encode(word, ids,
                         [&](ModelScratch* model_scratch, std::vector<std::int32_t>& out) {
                           model_->encode(word, model_scratch, out);
                         });
  }
}

}  // namespace hasten::tokenizer
