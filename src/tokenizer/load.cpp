#include "tokenizer/assembled_tokenizer.h"
#include "tokenizer/load_files.h"
#include "tokenizer/load_json.h"
#include "tokenizer/settings.h"
#include "tokenizer/tokenizer.h"

namespace hasten::tokenizer {

std::unique_ptr<const Tokenizer> Tokenizer::load(const std::map<std::string, std::string>& files,
                                                 std::string_view model_type,
                                                 std::optional<bool> model_args_lower_case) {
  const Settings settings = read_settings(files, model_type, model_args_lower_case);
  const auto json = files.find("tokenizer.json");
  if (json == files.end()) return assemble(build_from_files(files, settings));
  TokenizerDefinition definition = read_tokenizer_json(json->second);
  add_settings_tokens(settings, definition);
  apply_settings(settings, definition);
  return assemble(std::move(definition));
}

}  // namespace hasten::tokenizer
