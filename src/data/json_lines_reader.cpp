#include "data/json_lines_reader.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "data/columns.h"
#include "data/json_escapes.h"
#include "data/line_splitter.h"
#include "data/row_text.h"
#include "data/stream_reader.h"
#include "data/utf8.h"

namespace hasten::data {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr std::size_t k_peeked_bytes = std::size_t{16} << 20;

const char* type_name(element value) {
  switch (value.type()) {
    case element_type::ARRAY:
      return "an array";
    case element_type::OBJECT:
      return "an object";
    case element_type::STRING:
      return "a string";
    case element_type::BOOL:
      return "true or false";
    case element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

// The value of a key: the last one, as in Python, when it is there more than once.
std::optional<element> value_of(simdjson::dom::object object, std::string_view key) {
  std::optional<element> found;
  for (const auto field : object) {
    if (field.key == key) found = field.value;
  }
  return found;
}

std::vector<std::string> keys_of(simdjson::dom::object object) {
  std::vector<std::string> keys;
  for (const auto field : object) keys.emplace_back(field.key);
  return keys;
}

std::string missing_key(std::string_view key, simdjson::dom::object object) {
  const std::string nearest = nearest_name(key, keys_of(object));
  return nearest.empty()
             ? fmt::format("there is no key \"{}\"", key)
             : fmt::format("there is no key \"{}\": did you mean \"{}\"?", key, nearest);
}

class JsonLinesReader : public StreamReader {
 public:
  JsonLinesReader(TextInput input, const ReaderOptions& options)
      : StreamReader(std::move(input)),
        options_(options),
        text_key_(options.text_column),
        pair_key_(options.pair_column.empty() ? "text_pair" : options.pair_column),
        id_key_(options.id_column),
        splitter_(options.max_row_bytes) {
    if (options.usual_id_column && id_key_.empty()) choose_id_key();
  }

  std::string text_column() const override { return text_key_; }
  std::string id_column() const override { return id_key_; }

 protected:
  bool take_row(TextRow& row) override;

 private:
  void parse(TextRow& row, std::string json, const Place& place);
  void set_row(TextRow& row, element document, const Place& place);
  void set_object(TextRow& row, simdjson::dom::object object, const Place& place);
  bool set_id(TextRow& row, simdjson::dom::object object, const Place& place) const;
  void copy_values(TextRow& row, simdjson::dom::object object) const;
  void choose_text_key(simdjson::dom::object object);
  void choose_id_key();

  ReaderOptions options_;
  std::string text_key_;  // empty until an object has one of the usual names
  std::string pair_key_;
  std::string id_key_;
  LineSplitter splitter_;
  simdjson::dom::parser parser_;
};

// Strings as they are, everything else as its JSON.
void JsonLinesReader::copy_values(TextRow& row, simdjson::dom::object object) const {
  for (std::size_t i = 0; i < options_.copied_columns.size(); ++i) {
    const auto value = value_of(object, options_.copied_columns[i]);
    if (!value || value->is_null()) continue;
    row.copied[i] = value->is_string() ? std::string(value->get_string().value_unsafe())
                                       : simdjson::minify(*value);
  }
}

bool JsonLinesReader::take_row(TextRow& row) {
  const auto line = splitter_.take(input_);
  if (!line) return false;
  row.copied.resize(options_.copied_columns.size());
  if (line->too_long) {
    set_malformed(row, fmt::format("the line is longer than {} bytes", options_.max_row_bytes),
                  line->place);
  } else if (is_blank(line->text)) {
    set_malformed(row, "a blank line, which is no JSON", line->place);
  } else {
    parse(row, std::string(line->text), line->place);
  }
  return true;
}

void JsonLinesReader::parse(TextRow& row, std::string json, const Place& place) {
  std::size_t replaced = repair_utf8(json);
  json.reserve(json.size() + simdjson::SIMDJSON_PADDING);
  element document;
  auto error = parser_.parse(json).get(document);
  if (error == simdjson::STRING_ERROR) {
    const std::size_t surrogates = repair_surrogate_escapes(json);
    if (surrogates > 0) error = parser_.parse(json).get(document);
    replaced += surrogates;
  }
  if (error != simdjson::SUCCESS) {
    set_malformed(row, fmt::format("not valid JSON: {}", simdjson::error_message(error)), place);
    return;
  }
  if (replaced > 0) {
    row.status = RowStatus::k_invalid_utf8;
    row.problem = fmt::format("{}: {} malformed character{} replaced by U+FFFD", to_string(place),
                              replaced, replaced == 1 ? "" : "s");
  }
  set_row(row, document, place);
}

void JsonLinesReader::set_row(TextRow& row, element document, const Place& place) {
  switch (document.type()) {
    case element_type::STRING:
      set_text(row, std::string(document.get_string().value_unsafe()), place);
      return;
    case element_type::NULL_VALUE:
      set_null(row, "null instead of a text", place);
      return;
    case element_type::OBJECT:
      set_object(row, document.get_object().value_unsafe(), place);
      return;
    default:
      set_malformed(row, fmt::format("{} instead of an object or a string", type_name(document)),
                    place);
  }
}

void JsonLinesReader::set_object(TextRow& row, simdjson::dom::object object, const Place& place) {
  copy_values(row, object);
  if (!set_id(row, object, place)) return;
  if (text_key_.empty()) choose_text_key(object);
  const std::string_view key = text_key_.empty() ? "text" : std::string_view(text_key_);
  const auto text = value_of(object, key);
  if (!text) return set_malformed(row, missing_key(key, object), place);
  if (text->is_null()) return set_null(row, fmt::format("\"{}\" is null", key), place);
  if (!text->is_string()) {
    return set_malformed(row, fmt::format("\"{}\" is {}, not a string", key, type_name(*text)),
                         place);
  }
  const auto pair = value_of(object, pair_key_);
  if (pair && pair->is_string()) {
    set_text_pair(row, std::string(pair->get_string().value_unsafe()), place);
  } else if (pair && !pair->is_null()) {
    return set_malformed(
        row, fmt::format("\"{}\" is {}, not a string", pair_key_, type_name(*pair)), place);
  }
  set_text(row, std::string(text->get_string().value_unsafe()), place);
}

// False when the id makes the row malformed.
bool JsonLinesReader::set_id(TextRow& row, simdjson::dom::object object, const Place& place) const {
  if (id_key_.empty()) return true;
  const auto id = value_of(object, id_key_);
  if (!id) {
    if (options_.id_column.empty()) return true;
    set_malformed(row, missing_key(id_key_, object), place);
    return false;
  }
  if (id->is_int64()) {
    row.id = id->get_int64().value_unsafe();
  } else if (id->is_uint64()) {
    row.id = std::to_string(id->get_uint64().value_unsafe());
  } else if (id->is_string()) {
    row.id = std::string(id->get_string().value_unsafe());
  } else if (!id->is_null()) {
    set_malformed(row,
                  fmt::format("the id \"{}\" is {}, not an integer or a string", id_key_,
                              id->is_double() ? "a fraction" : type_name(*id)),
                  place);
    return false;
  }
  return true;
}

void JsonLinesReader::choose_text_key(simdjson::dom::object object) {
  for (const std::string_view usual : usual_text_columns()) {
    if (!value_of(object, usual)) continue;
    text_key_ = usual;
    return;
  }
}

// Looks at the first line without consuming it: whoever asks for the usual id wants to know at
// once.
void JsonLinesReader::choose_id_key() {
  std::size_t end = std::string_view::npos;
  while ((end = input_.pending().find('\n')) == std::string_view::npos && !input_.at_end() &&
         input_.pending().size() < k_peeked_bytes) {
    input_.fill();
  }
  simdjson::dom::object object;
  const simdjson::padded_string line(input_.pending().substr(0, end));
  if (parser_.parse(line).get(object) != simdjson::SUCCESS) return;
  for (const std::string_view usual : usual_id_columns()) {
    if (!value_of(object, usual)) continue;
    id_key_ = usual;
    return;
  }
}

}  // namespace

std::unique_ptr<RowReader> open_json_lines_reader(TextInput input, const ReaderOptions& options) {
  return std::make_unique<JsonLinesReader>(std::move(input), options);
}

}  // namespace hasten::data
