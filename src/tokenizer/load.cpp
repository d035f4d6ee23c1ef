#include <fmt/format.h>

#include "base/error.h"
#include "tokenizer/assembled_tokenizer.h"
#include "tokenizer/load_files.h"
#include "tokenizer/load_json.h"
#include "tokenizer/python_only_classes.h"
#include "tokenizer/settings.h"
#include "tokenizer/special_tokens.h"
#include "tokenizer/tokenizer.h"

namespace hasten::tokenizer {
namespace {

void refuse_python_only(const TokenizerClass& tokenizer_class) {
  const std::string_view reason = python_only_reason(tokenizer_class.name);
  if (reason.empty()) return;
  fail(ErrorCode::k_unsupported,
       fmt::format("the tokenizer class {} is not supported: {}", tokenizer_class.name, reason),
       "tokenizer_config.json, or config.json", "transformers has this class in Python only",
       "if the folder's tokenizer.json gives the same ids, set \"tokenizer_class\" in "
       "tokenizer_config.json to "
       "\"PreTrainedTokenizerFast\"");
}

TokenizerDefinition read_definition(const Files& files, Settings& settings) {
  if (!settings.has_tokenizer_json) return build_from_files(files, settings);
  TokenizerDefinition definition = read_tokenizer_json(files.at("tokenizer.json"));
  resolve_special_tokens(settings, definition);
  add_settings_tokens(settings, definition);
  apply_settings(settings, definition);
  return definition;
}

}  // namespace

std::unique_ptr<const Tokenizer> Tokenizer::load(const std::map<std::string, std::string>& files,
                                                 std::string_view model_type,
                                                 std::optional<bool> model_args_lower_case) {
  Settings settings = read_settings(files, model_type, model_args_lower_case);
  refuse_python_only(settings.tokenizer_class);
  TokenizerDefinition definition = read_definition(files, settings);
  drop_unused_types(settings, definition);
  return assemble(std::move(definition));
}

}  // namespace hasten::tokenizer
