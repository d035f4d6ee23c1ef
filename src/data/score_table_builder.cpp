#include "data/score_table_builder.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <span>

#include "base/error.h"
#include "data/columns.h"
#include "data/utf8.h"

namespace hasten::data {
namespace {

constexpr double k_missing = std::numeric_limits<double>::quiet_NaN();

std::string lower_case(std::string_view name) {
  std::string out(name);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// The column that is named, or the first usual one; empty when there is none and none is named.
std::string choose(const std::vector<std::string>& names, const std::string& wanted,
                   std::span<const std::string_view> usual_names, const std::string& where) {
  for (const std::string& name : names) {
    if (!wanted.empty() && name == wanted) return name;
  }
  if (!wanted.empty()) {
    const std::string nearest = nearest_name(wanted, names);
    fail(
        ErrorCode::k_bad_data, fmt::format("there is no column \"{}\"", wanted), where, {},
        nearest.empty() ? "Name one that is there." : fmt::format("Did you mean \"{}\"?", nearest));
  }
  for (const std::string_view usual : usual_names) {
    for (const std::string& name : names) {
      if (lower_case(name) == usual) return name;
    }
  }
  return {};
}

}  // namespace

ScoreTableBuilder::ScoreTableBuilder(const std::vector<std::string>& names,
                                     const ReaderOptions& options, const std::string& where) {
  table_.id_column = choose(names, options.id_column, usual_id_columns(), where);
  table_.text_column = choose(names, options.text_column, usual_text_columns(), where);
  for (const std::string& name : names) {
    if (!is_id(name) && !is_text(name)) column_of(name);
  }
}

void ScoreTableBuilder::start_row() {
  ++table_.rows;
  if (!table_.id_column.empty()) table_.ids.emplace_back();
  if (!table_.text_column.empty()) {
    table_.texts.emplace_back();
    table_.pairs.emplace_back();
  }
}

ScoreTableBuilder::Column& ScoreTableBuilder::column_of(const std::string& name) {
  const auto [place, is_new] = columns_.try_emplace(name);
  if (is_new) {
    place->second.index = table_.columns.size();
    table_.columns.push_back({name, {}});
  }
  return place->second;
}

void ScoreTableBuilder::set_number(const std::string& name, double value) {
  NumberColumn& column = table_.columns[column_of(name).index];
  column.values.resize(table_.rows, k_missing);
  column.values.back() = value;
}

void ScoreTableBuilder::set_cell(const std::string& name, std::string_view cell) {
  if (is_id(name)) return set_id(cell.empty() ? RowId() : RowId(std::string(cell)));
  if (is_text(name)) {
    std::string text(cell);
    repair_utf8(text);
    return set_text(std::move(text));
  }
  if (is_pair(name)) {
    std::string text(cell);
    repair_utf8(text);
    return set_pair(std::move(text));
  }
  Column& column = column_of(name);
  if (cell.empty() || !column.holds_numbers) return;
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error == std::errc() && end == cell.data() + cell.size()) return set_number(name, value);
  column.holds_numbers = false;
}

ScoreTable ScoreTableBuilder::finish() {
  std::vector<NumberColumn> kept;
  for (NumberColumn& column : table_.columns) {
    if (!columns_.at(column.name).holds_numbers || column.values.empty()) continue;
    column.values.resize(table_.rows, k_missing);
    kept.push_back(std::move(column));
  }
  table_.columns = std::move(kept);
  return std::move(table_);
}

}  // namespace hasten::data
