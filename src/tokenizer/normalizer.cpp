#include "tokenizer/normalizer.h"

#include "tokenizer/bert_normalizer.h"

namespace hasten::tokenizer {
namespace {

void run(const BertNormalizer& step, std::string_view text, Normalizer::Scratch& scratch,
         std::string& out) {
  normalize_bert(step, text, scratch.codes, out);
}

}  // namespace

void Normalizer::apply(std::string_view text, Scratch& scratch, std::string& out) const {
  scratch.from.assign(text);
  for (const NormalizerDefinition& step : steps_) {
    scratch.to.clear();
    std::visit([&](const auto& options) { run(options, scratch.from, scratch, scratch.to); }, step);
    scratch.from.swap(scratch.to);
  }
  out.append(scratch.from);
}

}  // namespace hasten::tokenizer
