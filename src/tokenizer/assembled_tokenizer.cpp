#include "tokenizer/assembled_tokenizer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "tokenizer/choose_pipeline.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer {
namespace {

class AssembledScratch : public Scratch {
 public:
  std::unique_ptr<PipelineScratch> pipeline;
  std::string repaired;
  std::vector<std::int32_t> first;
  std::vector<std::int32_t> second;
  NormalizerScratch normalizer;
};

class AssembledTokenizer : public Tokenizer {
 public:
  explicit AssembledTokenizer(TokenizerDefinition definition)
      : chosen_(choose_pipeline(definition)),
        raw_splitter_(patterns(definition, false)),
        normalized_splitter_(normalized_patterns(definition)),
        added_tokens_(std::move(definition.added_tokens)),
        post_processor_(std::move(definition.post_processor)),
        truncate_left_(definition.truncate_left),
        truncate_in_python_(definition.truncate_in_python) {
    count_ids();
  }

  std::unique_ptr<Scratch> make_scratch() const override {
    auto scratch = std::make_unique<AssembledScratch>();
    scratch->pipeline = chosen_.pipeline->make_scratch();
    return scratch;
  }

  void encode(std::string_view text, std::optional<std::string_view> pair,
              const EncodeOptions& options, Scratch& scratch, Encoding& out) const override {
    auto& own = static_cast<AssembledScratch&>(scratch);
    const std::size_t budget = content_budget(options, pair.has_value());
    out.invalid_bytes = 0;
    out.truncated = false;
    if (!pair) {
      encode_text(text, own, own.first, truncate_left_ ? k_no_limit : budget, out);
      out.truncated = truncate(own.first, budget, truncate_left_);
    } else {
      encode_text(text, own, own.first, k_no_limit, out);
      encode_text(*pair, own, own.second, k_no_limit, out);
      out.truncated =
          truncate_pair(own.first, own.second, budget, truncate_left_, truncate_in_python_);
    }
    post_processor_.apply(own.first, pair ? &own.second : nullptr, options.add_special_tokens, out);
  }

  std::int32_t vocabulary_size() const override { return vocabulary_size_; }

  std::string token(std::int32_t id) const override {
    const std::string_view added = added_tokens_.content(id);
    return std::string(added.empty() ? chosen_.vocabulary->token(id) : added);
  }

  std::optional<std::int32_t> id_of(std::string_view token) const override {
    const auto added = added_tokens_.ids().find(std::string(token));
    if (added != added_tokens_.ids().end()) return added->second;
    return chosen_.vocabulary->id_of(token);
  }

  std::int64_t special_token_count(bool pair) const override {
    return post_processor_.special_token_count(pair);
  }

  std::string description() const override {
    return fmt::format("{}, {} tokens{}", chosen_.model_name, with_commas(vocabulary_size_),
                       chosen_.lower_cases ? ", lower-casing" : "");
  }

 private:
  static constexpr std::size_t k_no_limit = SIZE_MAX - 1;

  static std::vector<AddedVocabulary::Pattern> patterns(const TokenizerDefinition& definition,
                                                        bool normalized) {
    auto out = definition.added_tokens.patterns(normalized);
    for (auto& pattern : out) pattern.is_text = definition.split_special_tokens && pattern.special;
    return out;
  }

  static std::vector<AddedVocabulary::Pattern> normalized_patterns(
      const TokenizerDefinition& definition) {
    auto out = patterns(definition, true);
    const Normalizer normalizer(definition.pattern_normalizers);
    NormalizerScratch scratch;
    for (auto& pattern : out) {
      NormalizerContext context{scratch};
      const std::string normalized(normalizer.apply(pattern.text, context));
      if (normalized.empty()) fail_vanishing(pattern.text);
      pattern.text = normalized;
    }
    return out;
  }

  [[noreturn]] static void fail_vanishing(const std::string& token) {
    fail(ErrorCode::k_unsupported,
         fmt::format("the tokenizer's normalizers leave nothing of its added token '{}'", token),
         "added_tokens",
         "the tokenizers library finds it between all bytes and fails where they are not ASCII",
         "give the added token \"normalized\": false, or take it out");
  }

  static std::string with_commas(std::int64_t number) {
    std::string digits = std::to_string(number);
    for (std::ptrdiff_t at = std::ssize(digits) - 3; at > 0; at -= 3) {
      digits.insert(static_cast<std::size_t>(at), 1, ',');
    }
    return digits;
  }

  void count_ids() {
    std::int64_t limit = chosen_.vocabulary->id_limit();
    for (const auto& [content, id] : added_tokens_.ids())
      limit = std::max(limit, id + std::int64_t{1});
    for (const auto* pieces : {&post_processor_.single, &post_processor_.pair}) {
      for (const TemplatePiece& piece : *pieces) {
        for (const std::int32_t id : piece.ids) limit = std::max(limit, id + std::int64_t{1});
      }
    }
    if (limit > INT32_MAX) fail(ErrorCode::k_malformed, "a token's id is too large");
    vocabulary_size_ = static_cast<std::int32_t>(limit);
  }

  // How many tokens of the texts themselves fit.
  std::size_t content_budget(const EncodeOptions& options, bool is_pair) const {
    if (options.max_length <= 0) return k_no_limit;
    const std::int64_t special = options.add_special_tokens ? special_token_count(is_pair) : 0;
    if (options.max_length < special) {
      fail(ErrorCode::k_usage,
           fmt::format("a maximum length of {} leaves no room for the {} special tokens",
                       options.max_length, special));
    }
    return static_cast<std::size_t>(options.max_length - special);
  }

  void encode_text(std::string_view text, AssembledScratch& scratch, std::vector<std::int32_t>& ids,
                   std::size_t enough, Encoding& out) const {
    ids.clear();
    if (!is_valid_utf8(text)) {
      scratch.repaired.clear();
      out.invalid_bytes += append_valid_utf8(scratch.repaired, text);
      text = scratch.repaired;
    }
    raw_splitter_.split(text, [&](const Stretch& stretch) {
      if (stretch.id >= 0) {
        ids.push_back(stretch.id);
      } else if (ids.size() <= enough) {
        const bool first = chosen_.asks_for_start && stretch.text.data() == text.data();
        encode_stretch(stretch.text, first ? utf8_length(text[0]) : 0, scratch, ids, enough);
      }
    });
  }

  // A stretch without added tokens that are searched in the raw text.
  void encode_stretch(std::string_view text, std::size_t start_length, AssembledScratch& scratch,
                      std::vector<std::int32_t>& ids, std::size_t enough) const {
    if (normalized_splitter_.empty()) {
      chosen_.pipeline->encode(text, start_length, *scratch.pipeline, ids, enough);
      return;
    }
    NormalizerContext context{scratch.normalizer, start_length};
    text = chosen_.normalizer.apply(text, context);
    normalized_splitter_.split(text, [&](const Stretch& stretch) {
      if (stretch.id >= 0) {
        ids.push_back(stretch.id);
      } else if (ids.size() <= enough) {
        const auto done = static_cast<std::size_t>(stretch.text.data() - text.data());
        const std::size_t start = context.start_length - std::min(context.start_length, done);
        chosen_.pipeline->encode(stretch.text, start, *scratch.pipeline, ids, enough);
      }
    });
  }

  ChosenPipeline chosen_;
  AddedTokenSplitter raw_splitter_;
  AddedTokenSplitter normalized_splitter_;
  AddedVocabulary added_tokens_;
  PostProcessor post_processor_;
  bool truncate_left_;
  bool truncate_in_python_;
  std::int32_t vocabulary_size_ = 0;
};

}  // namespace

std::unique_ptr<const Tokenizer> assemble(TokenizerDefinition definition) {
  return std::make_unique<AssembledTokenizer>(std::move(definition));
}

}  // namespace hasten::tokenizer
