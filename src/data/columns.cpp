#include "data/columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "base/error.h"

namespace hasten::data {
namespace {

constexpr std::size_t k_listed_columns = 30;
constexpr std::size_t k_listed_name_bytes = 60;

std::string lower_case(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string trimmed_lower_case(std::string_view name) {
  const auto first = name.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return lower_case(name.substr(first, name.find_last_not_of(" \t") - first + 1));
}

std::string list_of(std::span<const std::string> names) {
  std::string list;
  for (std::size_t i = 0; i < std::min(names.size(), k_listed_columns); ++i) {
    list += fmt::format("{}\"{}\"", i == 0 ? "" : ", ", names[i].substr(0, k_listed_name_bytes));
  }
  if (names.size() > k_listed_columns)
    list += fmt::format(" and {} more", names.size() - k_listed_columns);
  return list;
}

// Levenshtein's distance.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

[[noreturn]] void fail_ambiguous(std::string_view name, const std::string& where) {
  fail(ErrorCode::k_bad_data, fmt::format("the column \"{}\" is there twice", name), where, {},
       "Rename one of the two.");
}

std::optional<std::size_t> find_exact(std::span<const std::string> names, std::string_view wanted,
                                      const std::string& where) {
  const auto found = std::find(names.begin(), names.end(), wanted);
  if (found == names.end()) return std::nullopt;
  if (std::find(found + 1, names.end(), wanted) != names.end()) fail_ambiguous(wanted, where);
  return static_cast<std::size_t>(found - names.begin());
}

std::size_t find_named(std::span<const std::string> names, const std::string& wanted,
                       const std::string& where) {
  if (const auto index = find_exact(names, wanted, where)) return *index;
  const std::string nearest = nearest_name(wanted, names);
  fail(ErrorCode::k_bad_data, fmt::format("there is no column \"{}\"", wanted), where,
       fmt::format("the columns are {}", list_of(names)),
       nearest.empty() ? "Give one of these." : fmt::format("Did you mean \"{}\"?", nearest));
}

// The column of the first usual name that is there.
std::optional<std::size_t> find_usual(std::span<const std::string> names,
                                      std::span<const std::string_view> usual_names,
                                      const std::string& where) {
  for (const std::string_view usual : usual_names) {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (trimmed_lower_case(names[i]) != usual) continue;
      if (found) fail_ambiguous(names[i], where);
      found = i;
    }
    if (found) return found;
  }
  return std::nullopt;
}

std::size_t guess_text(std::span<const std::string> names, const std::string& where) {
  if (names.size() == 1) return 0;
  if (const auto found = find_usual(names, usual_text_columns(), where)) return *found;
  fail(ErrorCode::k_bad_data, "no column has a usual name of a text column", where,
       fmt::format("the columns are {}", list_of(names)),
       "Say with --text-column which holds the texts.");
}

}  // namespace

std::span<const std::string_view> usual_text_columns() {
  static constexpr std::array<std::string_view, 9> k_names = {
      "text", "tweet", "sentence", "content", "body", "message", "review", "comment", "document"};
  return k_names;
}

std::span<const std::string_view> usual_id_columns() {
  static constexpr std::array<std::string_view, 2> k_names = {"tweet_id", "id"};
  return k_names;
}

std::string nearest_name(std::string_view name, std::span<const std::string> candidates) {
  std::string nearest;
  std::size_t least = (name.size() + 2) / 3 + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > name.size() + least) continue;
    const std::size_t distance = edit_distance(lower_case(name), lower_case(candidate));
    if (distance >= least) continue;
    least = distance;
    nearest = candidate;
  }
  return nearest;
}

Columns find_columns(std::span<const std::string> names, const ReaderOptions& options,
                     const std::string& where) {
  Columns columns;
  columns.text = options.text_column.empty() ? guess_text(names, where)
                                             : find_named(names, options.text_column, where);
  columns.text_pair = options.pair_column.empty() ? find_exact(names, "text_pair", where)
                                                  : find_named(names, options.pair_column, where);
  if (!options.id_column.empty()) {
    columns.id = find_named(names, options.id_column, where);
  } else if (options.usual_id_column && names.size() > 1) {
    columns.id = find_usual(names, usual_id_columns(), where);
  }
  for (const std::string& name : options.copied_columns) {
    columns.copied.push_back(find_named(names, name, where));
  }
  return columns;
}

}  // namespace hasten::data
