#include "tokenizer/normalizer.h"

#include <algorithm>

#include "base/error.h"
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

 protected:
  const Options& options() const { return options_; }

 private:
  Options options_;
};

class PrecompiledStep : public NormalizerStep {
 public:
  explicit PrecompiledStep(const Precompiled& options) : charsmap_(options.charsmap) {}
  bool apply(std::string_view text, NormalizerContext&, std::string& out) const override {
    return charsmap_.apply(text, out);
  }
  // What replaces nothing takes the place of what follows it: there is always a start.
  std::size_t next_start_length(std::string_view text, NormalizerContext& context) const override {
    return std::max<std::size_t>(NormalizerStep::next_start_length(text, context), 1);
  }

 private:
  Charsmap charsmap_;
};

class ReplaceStep : public NormalizerStep {
 public:
  explicit ReplaceStep(const Replace& options)
      : regex_(Regex::compile(options.pattern)), content_(options.content) {
    // What is put in before the first character the tokenizers library repeats at the next change.
    if (Regex::Match match; !content_.empty() && regex_->find("", 0, match)) {
      fail(ErrorCode::k_unsupported,
           "the normalizer Replace puts text where its pattern matches nothing",
           options.pattern.text);
    }
  }

  bool apply(std::string_view text, NormalizerContext&, std::string& out) const override {
    Regex::Match first;
    if (text.empty() || !regex_->find(text, 0, first)) return false;
    for_each_match(*regex_, text, [&](std::size_t begin, std::size_t end, bool is_match) {
      out.append(is_match ? std::string_view(content_) : text.substr(begin, end - begin));
    });
    return true;
  }
  // What is put in belongs to the end of what it replaces.
  std::size_t next_start_length(std::string_view text, NormalizerContext& context) const override {
    std::size_t length = 0;
    for_each_match(*regex_, text, [&](std::size_t begin, std::size_t end, bool is_match) {
      if (is_match && end <= context.start_length) length += content_.size();
      if (!is_match && begin < context.start_length)
        length += std::min(end, context.start_length) - begin;
    });
    return length;
  }

 private:
  std::unique_ptr<const Regex> regex_;
  std::string content_;
};

class StripStep : public Function<Strip> {
 public:
  using Function::Function;
  std::size_t next_start_length(std::string_view text, NormalizerContext& context) const override {
    const std::size_t stripped = count_stripped_left(options(), text);
    return context.start_length - std::min(context.start_length, stripped);
  }
};

template <typename Options>
std::shared_ptr<const NormalizerStep> make_step(const Options& options) {
  if constexpr (std::is_same_v<Options, Precompiled>) {
    return std::make_shared<PrecompiledStep>(options);
  } else if constexpr (std::is_same_v<Options, Replace>) {
    return std::make_shared<ReplaceStep>(options);
  } else if constexpr (std::is_same_v<Options, Strip>) {
    return std::make_shared<StripStep>(options);
  } else {
    return std::make_shared<Function<Options>>(options);
  }
}

}  // namespace

std::size_t NormalizerStep::next_start_length(std::string_view text,
                                              NormalizerContext& context) const {
  const std::string_view start = text.substr(0, context.start_length);
  std::string normalized;
  return apply(start, context, normalized) ? normalized.size() : start.size();
}

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
    if (context.start_length > 0) context.start_length = step->next_start_length(text, context);
    text = out;
    free = 1 - free;
  }
  return text;
}

}  // namespace hasten::tokenizer
