#include "tokenizer/normalizer.h"

#include "tokenizer/bert_normalizer.h"
#include "tokenizer/byte_stand_ins.h"
#include "tokenizer/charsmap.h"
#include "tokenizer/regex.h"
#include "tokenizer/simple_normalizers.h"
#include "tokenizer/unicode_form.h"

namespace hasten::tokenizer {
namespace {

// A step that is a function of its options.
template <typename Options>
class Function : public NormalizerStep {
 public:
  explicit Function(Options options) : options_(std::move(options)) {}
  bool apply(std::string_view text, NormalizerContext& context, std::string& out) const override {
    return normalize(options_, text, context, out);
  }

 private:
  Options options_;
};

class PrecompiledStep : public NormalizerStep {
 public:
  explicit PrecompiledStep(const Precompiled& options) : charsmap_(options.charsmap) {}
  bool apply(std::string_view text, NormalizerContext&, std::string& out) const override {
    return charsmap_.apply(text, out);
  }

 private:
  Charsmap charsmap_;
};

class ReplaceStep : public NormalizerStep {
 public:
  explicit ReplaceStep(const Replace& options)
      : regex_(Regex::compile(options.pattern)), content_(options.content) {}

  bool apply(std::string_view text, NormalizerContext& context, std::string& out) const override {
    Regex::Match first;
    if (text.empty() || !regex_->find(text, 0, first)) return false;
    if (first.begin == 0 && first.end > 1) context.keeps_start = false;
    for_each_match(*regex_, text, [&](std::size_t begin, std::size_t end, bool is_match) {
      out.append(is_match ? std::string_view(content_) : text.substr(begin, end - begin));
    });
    return true;
  }

 private:
  std::unique_ptr<const Regex> regex_;
  std::string content_;
};

template <typename Options>
std::shared_ptr<const NormalizerStep> make_step(const Options& options) {
  if constexpr (std::is_same_v<Options, Precompiled>) {
    return std::make_shared<PrecompiledStep>(options);
  } else if constexpr (std::is_same_v<Options, Replace>) {
    return std::make_shared<ReplaceStep>(options);
  } else {
    return std::make_shared<Function<Options>>(options);
  }
}

}  // namespace

Normalizer::Normalizer(const std::vector<NormalizerDefinition>& steps) {
  for (const NormalizerDefinition& step : steps) {
    steps_.push_back(std::visit([](const auto& options) { return make_step(options); }, step));
  }
}

std::string_view Normalizer::apply(std::string_view text, NormalizerContext& context) const {
  std::size_t free = 0;
  for (const auto& step : steps_) {
    std::string& out = context.scratch.texts[free];
    out.clear();
    if (!step->apply(text, context, out)) continue;
    text = out;
    free = 1 - free;
  }
  return text;
}

}  // namespace hasten::tokenizer
