// The files of BERTweet and PhoBERT: vocab.txt and bpe.codes.
#pragma once

#include <string>

#include "tokenizer/definition.h"
#include "tokenizer/settings.h"

namespace hasten::tokenizer {

// As BertweetTokenizer and PhobertTokenizer read them. Throws k_malformed.
TokenizerDefinition build_bertweet(const std::string& vocabulary, const std::string& codes,
                                   const Settings& settings);

// The merges of fastBPE's codes: a line is two symbols and a count, which is left out where `counted` is
// false; its place is the rank, and of repeated ones the last counts. What follows the last line's end does
// not count.
std::vector<BertweetDefinition::Merge> read_codes(const std::string& text, bool counted);

}  // namespace hasten::tokenizer
