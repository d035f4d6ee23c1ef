#include "checkpoint/label_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

#include "base/error.h"
#include "checkpoint/quote_name.h"

namespace hasten::checkpoint {
namespace {

using Labels = std::vector<std::string>;

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char letter) {
    return std::isdigit(letter) || letter == '-' || letter == '.';
  });
}

bool is_generic(std::string_view name) {
  return is_number(name) || (name.starts_with("LABEL_") && is_number(name.substr(6)));
}

bool are_generic(const Labels& labels) {
  return std::all_of(labels.begin(), labels.end(), is_generic);
}

// A label as Python's str() shows it.
std::string label_text(const Json& label, const std::string& where) {
  if (label.is_string()) return label.as_string(where);
  if (label.is_bool()) return label.as_bool(where) ? "True" : "False";
  if (label.is_number()) return to_string(label);
  fail(ErrorCode::k_malformed, "a label that is no text and no number", where);
}

[[noreturn]] void fail_count(std::size_t found, std::int64_t class_count,
                             const std::string& where) {
  fail(ErrorCode::k_malformed,
       fmt::format("{} labels for a classifier head of {} classes", found, class_count), where,
       "the settings belong to another model than the weights",
       "Correct the file, or copy the one that was saved with these weights.");
}

// Label -> index; the indices must be those of the classes, each once.
Labels read_map(const Json& map, std::int64_t class_count, const std::string& where) {
  const auto& fields = map.as_object(where);
  Labels labels(static_cast<std::size_t>(class_count));
  std::vector<bool> seen(labels.size(), false);
  for (const auto& [label, value] : fields) {
    const std::int64_t index =
        value.as_integer(fmt::format("{}: the index of {}", where, quote_name(label)));
    if (index < 0 || index >= class_count || seen[static_cast<std::size_t>(index)]) {
      fail(ErrorCode::k_malformed,
           fmt::format("{} stands for class {} of {}", quote_name(label), index, class_count),
           where);
    }
    labels[static_cast<std::size_t>(index)] = label;
    seen[static_cast<std::size_t>(index)] = true;
  }
  return labels;
}

// Index -> label, the indices being JSON keys.
Labels read_inverse_map(const Json& map, std::int64_t class_count, const std::string& where) {
  const auto& fields = map.as_object(where);
  Labels labels(static_cast<std::size_t>(class_count));
  std::vector<bool> seen(labels.size(), false);
  for (const auto& [key, label] : fields) {
    std::int64_t index = -1;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
    if (error != std::errc() || end != key.data() + key.size() || index < 0 ||
        index >= class_count || seen[static_cast<std::size_t>(index)]) {
      fail(ErrorCode::k_malformed,
           fmt::format("{} is no class of {}", quote_name(key), class_count), where);
    }
    labels[static_cast<std::size_t>(index)] = label_text(label, where);
    seen[static_cast<std::size_t>(index)] = true;
  }
  return labels;
}

// What simpletransformers saved; nothing when it saved none, or numbers that fit another head.
std::optional<Sourced<Labels>> read_model_args(const Checkpoint& checkpoint,
                                               std::int64_t class_count) {
  const std::string file = (checkpoint.folder / "model_args.json").string();
  if (const Json& map = checkpoint.model_args["labels_map"];
      map.is_object() && !map.as_object("").empty()) {
    const std::string where = file + ": labels_map";
    const std::size_t found = map.as_object(where).size();
    if (found == static_cast<std::size_t>(class_count)) {
      return Sourced<Labels>{read_map(map, class_count, where), "model_args.json: labels_map"};
    }
    const auto& fields = map.as_object(where);
    if (!std::all_of(fields.begin(), fields.end(),
                     [](auto& field) { return is_generic(field.first); })) {
      fail_count(found, class_count, where);
    }
  }
  const Json& list = checkpoint.model_args["labels_list"];
  if (list.is_null()) return std::nullopt;
  const std::string where = file + ": labels_list";
  Labels labels;
  for (const Json& label : list.as_array(where)) labels.push_back(label_text(label, where));
  if (labels.size() == static_cast<std::size_t>(class_count)) {
    return Sourced<Labels>{std::move(labels), "model_args.json: labels_list"};
  }
  if (!are_generic(labels)) fail_count(labels.size(), class_count, where);
  return std::nullopt;
}

std::optional<Sourced<Labels>> read_config(const Checkpoint& checkpoint, std::int64_t class_count) {
  const Json& map = checkpoint.config["id2label"];
  if (map.is_null()) return std::nullopt;
  const std::string where = (checkpoint.folder / "config.json").string() + ": id2label";
  const std::size_t found = map.as_object(where).size();
  if (found == static_cast<std::size_t>(class_count)) {
    return Sourced<Labels>{read_inverse_map(map, class_count, where), "config.json: id2label"};
  }
  fail_count(found, class_count, where);
}

}  // namespace

Sourced<Labels> read_labels(const Checkpoint& checkpoint, std::int64_t class_count) {
  auto trained = read_model_args(checkpoint, class_count);
  if (trained && !are_generic(trained->value)) return *trained;
  auto configured = read_config(checkpoint, class_count);
  if (configured && (!trained || !are_generic(configured->value))) return *configured;
  if (trained) return *trained;
  Labels labels;
  for (std::int64_t i = 0; i < class_count; ++i) labels.push_back(fmt::format("LABEL_{}", i));
  return {std::move(labels), "no setting names the classes"};
}

}  // namespace hasten::checkpoint
