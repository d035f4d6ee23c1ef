#include "tokenizer/word_level.h"

namespace hasten::tokenizer {

WordLevel::WordLevel(Vocabulary vocabulary, std::string_view unknown_token)
    : vocabulary_(std::move(vocabulary)), unknown_id_(vocabulary_.unknown_id(unknown_token)) {}

void WordLevel::encode(std::string_view piece, ModelScratch*,
                       std::vector<std::int32_t>& ids) const {
  ids.push_back(vocabulary_.id_of(piece).value_or(unknown_id_));
}

}  // namespace hasten::tokenizer
