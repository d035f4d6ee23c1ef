// Which pipeline runs a definition.
#pragma once

#include <memory>
#include <string>

#include "tokenizer/definition.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/pipeline.h"

namespace hasten::tokenizer {

struct ChosenPipeline {
  std::shared_ptr<const Vocabulary> vocabulary;
  std::unique_ptr<const Pipeline> pipeline;
  // Runs before the pipeline where added tokens are searched in the normalized text; otherwise the
  // pipeline normalizes and this is empty.
  Normalizer normalizer;
  std::string model_name;  // "WordPiece"
  bool lower_cases = false;
  bool asks_for_start = false;  // Pipeline::encode() looks at start_length
};

// Takes the definition's vocabulary and model.
ChosenPipeline choose_pipeline(TokenizerDefinition& definition);

}  // namespace hasten::tokenizer
