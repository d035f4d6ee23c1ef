// A model: a piece of normalized text -> ids.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/definition.h"

namespace hasten::tokenizer {

// What one thread needs to run a model.
class ModelScratch {
 public:
  virtual ~ModelScratch() = default;
};

// Immutable. encode() depends on the piece alone, so that its result may be cached.
class Model {
 public:
  virtual ~Model() = default;

  virtual std::unique_ptr<ModelScratch> make_scratch() const { return nullptr; }

  // Appends the ids of a piece of valid UTF-8. `scratch` is this model's, null if it makes none.
  virtual void encode(std::string_view piece, ModelScratch* scratch,
                      std::vector<std::int32_t>& ids) const = 0;

  virtual const Vocabulary& vocabulary() const = 0;
  virtual std::string name() const = 0;  // "WordPiece"
};

// Takes the definition's vocabulary and model.
std::shared_ptr<const Model> make_model(TokenizerDefinition& definition);

}  // namespace hasten::tokenizer
