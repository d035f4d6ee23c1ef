// The merges of a sentencepiece model of the BPE kind, which stores only pieces and scores.
#pragma once

#include <string>
#include <vector>

#include "tokenizer/definition.h"
#include "tokenizer/sentencepiece_model.h"

namespace hasten::tokenizer {

// A piece with the score that the tokenizer gives it.
struct ScoredPiece {
  std::string text;
  double score = 0;
};

// Every way to put a piece together from two pieces, the highest score first, as transformers
// derives them. `vocabulary` has the ids of `pieces`.
std::vector<BpeMerge> derive_merges(const SentencePieceModel& model,
                                    const std::vector<ScoredPiece>& pieces,
                                    const Vocabulary& vocabulary);

}  // namespace hasten::tokenizer
