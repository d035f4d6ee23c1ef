// The steps that each kind of pre-tokenizer runs: splitting_steps.cpp has those that only cut the
// text, rewriting_steps.cpp those that change it.
#pragma once

#include <memory>
#include <vector>

#include "tokenizer/definition.h"
#include "tokenizer/pre_tokenizer.h"

namespace hasten::tokenizer {

using PreTokenizerSteps = std::vector<std::shared_ptr<const PreTokenizerStep>>;

// Each appends its steps.
void add_steps(const BertPreTokenizer& options, PreTokenizerSteps& steps);
void add_steps(const ByteLevel& options, PreTokenizerSteps& steps);
void add_steps(const Metaspace& options, PreTokenizerSteps& steps);
void add_steps(const Whitespace& options, PreTokenizerSteps& steps);
void add_steps(const WhitespaceSplit& options, PreTokenizerSteps& steps);
void add_steps(const Punctuation& options, PreTokenizerSteps& steps);
void add_steps(const Digits& options, PreTokenizerSteps& steps);
void add_steps(const Split& options, PreTokenizerSteps& steps);
void add_steps(const CharDelimiterSplit& options, PreTokenizerSteps& steps);
void add_steps(const FixedLength& options, PreTokenizerSteps& steps);
void add_steps(const UnicodeScripts& options, PreTokenizerSteps& steps);

}  // namespace hasten::tokenizer
