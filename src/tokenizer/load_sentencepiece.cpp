#include "tokenizer/load_sentencepiece.h"

#include <cctype>

#include "base/error.h"
#include "tokenizer/load_vocabulary_files.h"
#include "tokenizer/sentencepiece_bpe.h"
#include "tokenizer/sentencepiece_model.h"
#include "tokenizer/special_tokens.h"

namespace hasten::tokenizer {
namespace {

using PieceType = SentencePieceModel::PieceType;
constexpr const char* k_mark = "\u2581";

bool flag(const Settings& settings, const char* key, bool fallback) {
  return settings.config.get_bool(key, fallback);
}

// ALBERT and XLNet take numbers with a comma at the end apart, by making them unlikely.
bool ends_in_digit_and_comma(const std::string& piece) {
  return piece.size() >= 2 && piece.back() == ',' &&
         std::isdigit(static_cast<unsigned char>(piece[piece.size() - 2])) != 0;
}

// The pieces with the ids that the family gives them.
std::vector<ScoredPiece> list_pieces(const SentencePieceModel& model, Family family) {
  std::vector<ScoredPiece> out;
  const auto append_from = [&](std::size_t first) {
    for (std::size_t i = first; i < model.pieces.size(); ++i) {
      out.push_back({model.pieces[i].text, model.pieces[i].score});
    }
  };
  switch (family) {
    case Family::k_xlm_roberta:
      out = {{"<s>", 0}, {"<pad>", 0}, {"</s>", 0}, {"<unk>", 0}};
      append_from(3);
      out.push_back({"<mask>", 0});
      break;
    case Family::k_camembert:
      out = {{"<s>NOTUSED", 0},
             {"<pad>", 0},
             {"</s>NOTUSED", 0},
             {"<unk>", 0},
             {"<unk>NOTUSED", -100}};
      append_from(1);
      out.push_back({"<mask>", 0});
      break;
    default:
      append_from(0);
  }
  if (family == Family::k_albert || family == Family::k_xlnet) {
    for (ScoredPiece& piece : out) {
      if (ends_in_digit_and_comma(piece.text)) piece.score -= 100;
    }
  }
  return out;
}

std::int32_t unknown_id(const SentencePieceModel& model, Family family) {
  const bool shifted = family == Family::k_xlm_roberta || family == Family::k_camembert;
  return shifted ? 3 : model.unknown_id;
}

void set_model(const SentencePieceModel& model, Family family, TokenizerDefinition& definition) {
  const std::vector<ScoredPiece> pieces = list_pieces(model, family);
  std::vector<TrieEntry> entries;
  entries.reserve(pieces.size());
  for (const ScoredPiece& piece : pieces) {
    entries.push_back({piece.text, static_cast<std::int32_t>(entries.size())});
  }
  if (model.algorithm == SentencePieceModel::Algorithm::k_unigram) {
    UnigramDefinition unigram;
    for (const ScoredPiece& piece : pieces) unigram.scores.push_back(piece.score);
    unigram.unknown_id = unknown_id(model, family);
    definition.model = std::move(unigram);
    definition.vocabulary = Vocabulary::of_list(std::move(entries));
  } else if (model.algorithm == SentencePieceModel::Algorithm::k_bpe) {
    definition.vocabulary = Vocabulary(std::move(entries));
    BpeDefinition bpe;
    bpe.unknown_token = model.unknown_piece;
    bpe.fuse_unknown = true;
    bpe.merges = derive_merges(model, pieces, definition.vocabulary);
    definition.model = std::move(bpe);
  } else {
    fail(ErrorCode::k_unsupported, "the sentencepiece model is neither Unigram nor BPE");
  }
}

// Control pieces are special; they and those of the user are cut out of the raw text.
void add_model_tokens(const SentencePieceModel& model, TokenizerDefinition& definition) {
  std::vector<AddedToken> tokens;
  for (const auto& piece : model.pieces) {
    if (piece.type != PieceType::k_control && piece.type != PieceType::k_user_defined) continue;
    AddedToken token;
    token.content = piece.text;
    token.normalized = false;
    token.special = piece.type == PieceType::k_control;
    tokens.push_back(std::move(token));
  }
  definition.added_tokens.add(tokens, definition.vocabulary);
}

std::vector<NormalizerDefinition> list_normalizers(const SentencePieceModel& model,
                                                   const Settings& settings) {
  std::vector<NormalizerDefinition> out;
  const Family family = settings.tokenizer_class.family;
  const auto add_charsmap = [&] {
    if (!model.charsmap.empty()) out.push_back(Precompiled{model.charsmap});
  };
  const Pattern spaces{" {2,}", true};
  if (family == Family::k_albert || family == Family::k_xlnet || family == Family::k_rembert) {
    const bool rembert = family == Family::k_rembert;
    out.push_back(Replace{{"``", false}, "\""});
    out.push_back(Replace{{"''", false}, "\""});
    if (rembert) out.push_back(Replace{spaces, " "});
    if (!flag(settings, "keep_accents", rembert)) {
      out.push_back(UnicodeForm{UnicodeForm::Form::k_nfkd});
      out.push_back(StripAccents{});
    }
    if (settings.do_lower_case.value_or(family == Family::k_albert)) out.push_back(Lowercase{});
    add_charsmap();
    if (!rembert) out.push_back(Replace{spaces, " "});
  } else if (family == Family::k_deberta_v2) {
    if (settings.do_lower_case.value_or(false)) out.push_back(Lowercase{});
    out.push_back(Strip{});
    add_charsmap();
    out.push_back(Replace{spaces, " "});
  } else {
    add_charsmap();
    out.push_back(Strip{false, true});
    out.push_back(Replace{spaces, k_mark});
  }
  return out;
}

bool has_bert_template(Family family) {
  return family == Family::k_albert || family == Family::k_deberta_v2 ||
         family == Family::k_rembert || family == Family::k_big_bird;
}

// The ids of two texts that the family writes into its template, or the unknown one.
class TemplateIds {
 public:
  TemplateIds(const Settings& settings, const SentencePieceModel& model,
              const TokenizerDefinition& definition)
      : slow_(settings, definition.vocabulary) {
    const Family family = settings.tokenizer_class.family;
    const bool shifted = family == Family::k_xlm_roberta || family == Family::k_camembert;
    unknown_ = shifted ? slow_.id_of(settings.special("unk_token")).value_or(3) : model.unknown_id;
  }
  std::vector<std::int32_t> operator[](const char* content) const {
    return {slow_.id_of(content).value_or(unknown_)};
  }

 private:
  SlowIds slow_;
  std::int32_t unknown_;
};

}  // namespace

TokenizerDefinition build_sentencepiece(const std::string& bytes, const Settings& settings) {
  const SentencePieceModel model = read_sentencepiece_model(bytes, "the sentencepiece model");
  const Family family = settings.tokenizer_class.family;
  TokenizerDefinition definition;
  set_model(model, family, definition);
  // Tokens of the model are added before it has normalizers; those of the settings are added after.
  add_model_tokens(model, definition);
  definition.normalizers = list_normalizers(model, settings);
  definition.pattern_normalizers = definition.normalizers;
  if (family == Family::k_deberta_v2) {
    if (flag(settings, "split_by_punct", false)) definition.pre_tokenizers.push_back(Punctuation{});
    definition.is_pre_tokenizer_sequence = true;
  }
  definition.pre_tokenizers.push_back(Metaspace{});
  add_settings_tokens(settings, definition);
  const TemplateIds ids(settings, model, definition);
  if (family == Family::k_xlnet) {
    definition.post_processor = make_xlnet_processor(ids["<cls>"], ids["<sep>"]);
  } else if (has_bert_template(family)) {
    definition.post_processor = make_bert_processor(ids["[CLS]"], ids["[SEP]"]);
  } else {
    definition.post_processor = make_roberta_processor(ids["<s>"], ids["</s>"]);
  }
  apply_settings(settings, definition);
  return definition;
}

}  // namespace hasten::tokenizer
