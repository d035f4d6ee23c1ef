#include "tokenizer/bert_pipeline.h"

#include "tokenizer/bert_normalizer.h"
#include "tokenizer/cached_model.h"
#include "tokenizer/unicode/unicode.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer {

class BertPipeline::BertScratch : public PipelineScratch {
 public:
  explicit BertScratch(const Model& of) : model(of) {}
  CachedModel model;
  std::string normalized;
  NormalizerScratch normalizer;
};

BertPipeline::Byte BertPipeline::classify(int byte, bool clean_text) {
  if (byte >= 0x80) return Byte::k_complex;
  const auto code = static_cast<char32_t>(byte);
  if (clean_text && unicode::has(code, unicode::k_clean_removed)) return Byte::k_complex;
  if (unicode::has(code, unicode::k_white_space)) return Byte::k_space;
  return unicode::has(code, unicode::k_punctuation) ? Byte::k_punctuation : Byte::k_word;
}

BertPipeline::BertPipeline(std::shared_ptr<const WordPiece> model,
                           std::optional<BertNormalizer> normalizer)
    : model_(std::move(model)),
      normalizer_(normalizer.value_or(BertNormalizer{false, false, false, false})) {
  std::vector<std::int32_t> ids;
  for (int byte = 0; byte < 256; ++byte) {
    const auto at = static_cast<std::size_t>(byte);
    classes_[at] = classify(byte, normalizer_.clean_text);
    if (classes_[at] != Byte::k_punctuation) continue;
    const char mark = static_cast<char>(byte);
    ids.clear();
    model_->encode({&mark, 1}, nullptr, ids);
    punctuation_ids_[at] = ids.front();
  }
}

std::unique_ptr<PipelineScratch> BertPipeline::make_scratch() const {
  return std::make_unique<BertScratch>(*model_);
}

void BertPipeline::encode(std::string_view text, std::size_t, PipelineScratch& scratch,
                          std::vector<std::int32_t>& ids, std::size_t enough) const {
  auto& own = static_cast<BertScratch&>(scratch);
  const char* cursor = text.data();
  const char* const end = cursor + text.size();
  const auto class_at = [&](const char* at) { return classes_[static_cast<unsigned char>(*at)]; };
  while (cursor != end && ids.size() <= enough) {
    const Byte kind = class_at(cursor);
    if (kind == Byte::k_space) {
      ++cursor;
    } else if (kind == Byte::k_punctuation) {
      ids.push_back(punctuation_ids_[static_cast<unsigned char>(*cursor++)]);
    } else {
      const char* const begin = cursor;
      bool complex = false;
      for (; cursor != end && class_at(cursor) <= Byte::k_complex; ++cursor) {
        complex |= class_at(cursor) == Byte::k_complex;
      }
      encode_stretch({begin, static_cast<std::size_t>(cursor - begin)}, complex, own, ids);
    }
  }
}

void BertPipeline::encode_stretch(std::string_view stretch, bool complex, BertScratch& scratch,
                                  std::vector<std::int32_t>& ids) const {
  scratch.model.encode(stretch, ids, [&](ModelScratch*, std::vector<std::int32_t>& out) {
    std::string& normalized = scratch.normalized;
    normalized.clear();
    if (complex) {
      NormalizerContext context{scratch.normalizer};
      normalize(normalizer_, stretch, context, normalized);
      encode_words(normalized, out);
      return;
    }
    for (const char byte : stretch) {
      const bool upper = normalizer_.lowercase && byte >= 'A' && byte <= 'Z';
      normalized.push_back(static_cast<char>(upper ? byte + ('a' - 'A') : byte));
    }
    model_->encode(normalized, nullptr, out);
  });
}

void BertPipeline::encode_words(std::string_view normalized, std::vector<std::int32_t>& ids) const {
  if (normalized.empty()) return;
  const char* cursor = normalized.data();
  const char* const end = cursor + normalized.size();
  const char* word = cursor;
  const auto encode = [&](const char* from, const char* to) {
    model_->encode({from, static_cast<std::size_t>(to - from)}, nullptr, ids);
  };
  while (cursor != end) {
    const char* const at = cursor;
    const std::uint32_t record = unicode::record(next_code_point(cursor));
    if ((record & (unicode::k_white_space | unicode::k_punctuation)) == 0) continue;
    encode(word, at);
    if ((record & unicode::k_punctuation) != 0) encode(at, cursor);
    word = cursor;
  }
  encode(word, end);
}

}  // namespace hasten::tokenizer
