#include "api/compare_models.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/error.h"
#include "classifier/text_classifier.h"
#include "graph/model_metadata.h"

namespace hasten::api {
namespace {

constexpr std::size_t k_named_weights = 3;

using Metadata = graph::ModelMetadata;

std::string join(const std::vector<std::string>& items) {
  std::string joined;
  for (std::size_t i = 0; i < std::min<std::size_t>(items.size(), 10); ++i) {
    joined += (joined.empty() ? "" : ", ") + items[i];
  }
  return items.size() > 10 ? joined + ", ..." : joined;
}

std::optional<Finding> compare_labels(const Metadata& a, const Metadata& b) {
  if (a.labels == b.labels || a.labels.size() != b.labels.size()) return std::nullopt;
  const bool same_names = std::is_permutation(a.labels.begin(), a.labels.end(), b.labels.begin());
  return Finding{"labels", fmt::format("{}: A has {} and B {}. {}",
                                       same_names ? "The models name their classes in another order"
                                                  : "The models' classes have other names",
                                       join(a.labels), join(b.labels),
                                       same_names ? "They are compared by name."
                                                  : "They are compared by place.")};
}

std::optional<Finding> compare_functions(const Metadata& a, const Metadata& b) {
  if (a.function == b.function) return std::nullopt;
  return Finding{"function",
                 fmt::format("A applies {} ({}) and B {} ({}).", name_of(a.function),
                             a.function_reason, name_of(b.function), b.function_reason)};
}

std::optional<Finding> compare_lengths(const Metadata& a, const Metadata& b) {
  if (a.max_length == b.max_length) return std::nullopt;
  return Finding{"length",
                 fmt::format("A cuts texts at {} tokens and B at {}.", a.max_length, b.max_length)};
}

std::string describe_tokenizer(const Metadata& metadata) {
  try {
    return classifier::load_tokenizer(metadata)->description();
  } catch (const Error&) {
    return "a tokenizer that cannot be read";
  }
}

std::optional<Finding> compare_tokenizers(const Metadata& a, const Metadata& b) {
  if (a.tokenizer_files == b.tokenizer_files && a.model_args_lower_case == b.model_args_lower_case)
    return std::nullopt;
  const std::string of_a = describe_tokenizer(a);
  const std::string of_b = describe_tokenizer(b);
  if (of_a != of_b)
    return Finding{"tokenizer",
                   fmt::format("The tokenizers differ: A has {}; B has {}.", of_a, of_b)};
  std::vector<std::string> files;
  for (const auto& [name, content] : a.tokenizer_files) {
    const auto other = b.tokenizer_files.find(name);
    if (other != b.tokenizer_files.end() && other->second != content) files.push_back(name);
  }
  if (files.empty()) return std::nullopt;
  return Finding{
      "tokenizer",
      fmt::format("Files of the tokenizers differ ({}), though both are {}.", join(files), of_a)};
}

// The size of the difference in relation to the size of `a`.
double relative_difference(const Tensor& a, const Tensor& b) {
  const std::vector<float> left = to_float32(a);
  const std::vector<float> right = to_float32(b);
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const double change = static_cast<double>(left[i]) - static_cast<double>(right[i]);
    difference += change * change;
    size += static_cast<double>(left[i]) * static_cast<double>(left[i]);
  }
  return size == 0 ? 1 : std::sqrt(difference / size);
}

struct ChangedWeight {
  std::string name;
  double relative = 0;
};

// Weights that are stored alike in both and differ, the most changed one first; nothing when fewer
// than half of A's are stored alike in B: then the graphs were rewritten, and names mean little.
std::optional<std::vector<ChangedWeight>> changed_weights(const graph::Graph& a,
                                                          const graph::Graph& b) {
  std::vector<ChangedWeight> changed;
  std::size_t alike = 0, all = 0;
  for (std::size_t i = 0; i < a.value_count(); ++i) {
    const graph::Value& value = a.value(static_cast<graph::ValueId>(i));
    if (!value.constant || !is_floating(value.constant->dtype)) continue;
    ++all;
    const graph::ValueId other = b.find_value(value.name);
    if (!b.is_constant(other)) continue;
    const Tensor& theirs = *b.value(other).constant;
    if (theirs.dtype != value.constant->dtype || theirs.dims != value.constant->dims) continue;
    ++alike;
    if (std::ranges::equal(theirs.bytes, value.constant->bytes)) continue;
    changed.push_back({value.name, relative_difference(*value.constant, theirs)});
  }
  if (alike * 2 < all) return std::nullopt;
  std::sort(changed.begin(), changed.end(),
            [](const auto& x, const auto& y) { return x.relative > y.relative; });
  return changed;
}

std::optional<Finding> compare_weights(const graph::Graph& a, const graph::Graph& b) {
  const auto changed = changed_weights(a, b);
  if (!changed || changed->empty()) return std::nullopt;
  std::string names;
  for (std::size_t i = 0; i < std::min(changed->size(), k_named_weights); ++i) {
    names += fmt::format("{}{} by {:.2g} %", names.empty() ? "" : ", ", (*changed)[i].name,
                         (*changed)[i].relative * 100);
  }
  if (changed->size() > k_named_weights) names += ", ...";
  return Finding{"weights", fmt::format("{} weight{} differ{}: {}.", changed->size(),
                                        changed->size() == 1 ? "" : "s",
                                        changed->size() == 1 ? "s" : "", names)};
}

}  // namespace

std::vector<Finding> compare_models(const graph::Graph& a, const graph::Graph& b,
                                    const ModelOptions& options) {
  const auto of_a = graph::read_metadata(a.metadata);
  const auto of_b = graph::read_metadata(b.metadata);
  std::vector<Finding> findings;
  if (!of_a || !of_b) return findings;
  const auto add = [&](std::optional<Finding> finding) {
    if (finding) findings.push_back(std::move(*finding));
  };
  add(compare_labels(*of_a, *of_b));
  if (!options.function) add(compare_functions(*of_a, *of_b));
  if (!options.max_length) add(compare_lengths(*of_a, *of_b));
  add(compare_tokenizers(*of_a, *of_b));
  add(compare_weights(a, b));
  return findings;
}

}  // namespace hasten::api
