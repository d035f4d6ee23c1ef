// The Tokenizer that a definition makes.
#pragma once

#include <memory>
#include <string>

#include "tokenizer/definition.h"
#include "tokenizer/tokenizer.h"

namespace hasten::tokenizer {

// Chooses the fastest pipeline that gives the ids of the definition.
std::unique_ptr<const Tokenizer> assemble(TokenizerDefinition definition);

}  // namespace hasten::tokenizer
