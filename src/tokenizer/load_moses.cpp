#include "tokenizer/load_moses.h"

#include "base/error.h"
#include "tokenizer/load_bertweet.h"
#include "tokenizer/load_json_parts.h"
#include "tokenizer/load_vocabulary_files.h"
#include "tokenizer/special_tokens.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer {

TokenizerDefinition build_moses(const std::string& vocabulary, const std::string& merges,
                                const Settings& settings) {
  if (!is_valid_utf8(merges)) fail(ErrorCode::k_malformed, "the file is not UTF-8", "merges.txt");
  TokenizerDefinition definition;
  definition.vocabulary = read_vocabulary_json(vocabulary);
  MosesDefinition model;
  model.merges = read_codes(merges, false);
  model.unknown_token = settings.special("unk_token");
  model.inside_mark = "";
  model.end_mark = "</w>";
  model.is_french = settings.tokenizer_class.family == Family::k_flaubert;
  model.lower_cases = model.is_french
                          ? settings.config.get_bool("do_lowercase", false)
                          : settings.config.get_bool("do_lowercase_and_remove_accent", true);
  definition.model = std::move(model);
  definition.truncate_in_python = true;
  add_settings_tokens(settings, definition);
  // BERT's form with <s> in front, although cls_token is </s>.
  definition.post_processor =
      make_bert_processor(special_ids(definition, settings.special("bos_token")),
                          special_ids(definition, settings.special("sep_token")));
  apply_settings(settings, definition);
  return definition;
}

}  // namespace hasten::tokenizer
