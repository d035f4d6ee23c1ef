#include <fmt/format.h>
#include <hasten/label.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include "api/slurm.h"
#include "base/error.h"

namespace hasten {
namespace {

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.' || c >= 0x80;
  });
}

}  // namespace

Shard parse_shard(const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto index = api::parse_number(text.substr(0, slash));
  const auto count =
      slash == std::string::npos ? std::nullopt : api::parse_number(text.substr(slash + 1));
  if (!index || !count || *index >= *count) {
    fail(ErrorCode::k_usage, fmt::format("\"{}\" is no shard", text), {}, {},
         "Give I/N with I from 0 to N-1, such as 0/64 for the first of 64.");
  }
  return {*index, *count};
}

LabelModel parse_label_model(const std::string& text) {
  const std::size_t equals = text.find('=');
  std::error_code absent;
  if (equals == std::string::npos || std::filesystem::exists(text, absent)) return {{}, text};
  const std::string name = text.substr(0, equals);
  if (!is_name(name)) {
    fail(ErrorCode::k_usage, fmt::format("\"{}\" is no name of a model", name), {}, {},
         "Give NAME=PATH with letters, digits, \"_\", \"-\" and \".\" in the name.");
  }
  return {name, text.substr(equals + 1)};
}

}  // namespace hasten
