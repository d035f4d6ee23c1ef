#include "data/row_text.h"

#include <fmt/format.h>

#include "data/utf8.h"

namespace hasten::data {
namespace {

void set_status(TextRow& row, RowStatus status, std::string_view problem, const Place& place) {
  if (row.status != RowStatus::k_ok) return;
  row.status = status;
  row.problem = fmt::format("{}: {}", to_string(place), problem);
}

void repair(TextRow& row, std::string& text, const Place& place) {
  const std::size_t replaced = repair_utf8(text);
  if (replaced == 0) return;
  set_status(row, RowStatus::k_invalid_utf8,
             fmt::format("{} malformed UTF-8 sequence{} replaced by U+FFFD", replaced,
                         replaced == 1 ? "" : "s"),
             place);
}

void clear_texts(TextRow& row) {
  row.text.clear();
  row.text_pair.reset();
  row.status = RowStatus::k_ok;
}

}  // namespace

void set_text(TextRow& row, std::string text, const Place& place) {
  row.text = std::move(text);
  repair(row, row.text, place);
  if (is_blank(row.text)) set_status(row, RowStatus::k_empty, "the text is blank", place);
}

void set_text_pair(TextRow& row, std::string text, const Place& place) {
  row.text_pair = std::move(text);
  repair(row, *row.text_pair, place);
}

void set_null(TextRow& row, const std::string& problem, const Place& place) {
  clear_texts(row);
  set_status(row, RowStatus::k_null, problem, place);
}

void set_malformed(TextRow& row, const std::string& problem, const Place& place) {
  clear_texts(row);
  set_status(row, RowStatus::k_malformed, problem, place);
}

}  // namespace hasten::data
