#include "data/score_table.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

#include "base/error.h"
#include "base/json.h"
#include "data/arrow_plugin.h"
#include "data/delimited_parser.h"
#include "data/line_splitter.h"
#include "data/score_table_builder.h"
#include "data/text_input.h"
#include "data/unpacking_source.h"
#include "data/utf8.h"

namespace hasten::data {
namespace {

// The next record; false at the end of the input.
bool next_record(TextInput& input, DelimitedParser& parser, DelimitedRecord& record,
                 const std::string& where) {
  while (!parser.take(input, record)) {
    if (input.at_end()) return false;
    input.fill();
  }
  require_closed_quotes(record, where,
                        "Close the quote, or double it where it belongs to the text.");
  return true;
}

ScoreTable read_delimited(TextInput input, const std::string& where, char delimiter,
                          const ReaderOptions& options) {
  DelimitedParser parser(delimiter, options.quoting, options.max_row_bytes);
  DelimitedRecord record;
  if (!next_record(input, parser, record, where)) {
    fail(ErrorCode::k_bad_data, "the table has no header line", where, "it is empty");
  }
  std::vector<std::string> names = record.fields;
  for (std::string& name : names) repair_utf8(name);
  ScoreTableBuilder builder(names, options, where);
  while (next_record(input, parser, record, where)) {
    if (record.blank && names.size() > 1) continue;
    if (!record.problem.empty() || record.fields.size() != names.size()) {
      fail(ErrorCode::k_bad_data,
           record.problem.empty() ? fmt::format("a record has {} fields and the header {}",
                                                record.fields.size(), names.size())
                                  : record.problem,
           where + ", " + to_string(record.place));
    }
    builder.start_row();
    for (std::size_t i = 0; i < names.size(); ++i) builder.set_cell(names[i], record.fields[i]);
  }
  return builder.finish();
}

void set_value(ScoreTableBuilder& builder, const std::string& key, const Json& value) {
  if (builder.is_id(key)) {
    if (value.is_integer()) builder.set_id(value.as_integer(key));
    if (value.is_string()) builder.set_id(value.as_string(key));
  } else if (builder.is_text(key)) {
    if (value.is_string()) builder.set_text(value.as_string(key));
  } else if (builder.is_pair(key)) {
    if (value.is_string()) builder.set_pair(value.as_string(key));
  } else if (value.is_number()) {
    builder.set_number(key, value.as_number(key));
  } else if (value.is_array() && is_score_array(key)) {
    const Json::Array& array = value.as_array(key);
    for (std::size_t i = 0; i < array.size(); ++i) {
      if (array[i].is_number()) {
        builder.set_number(fmt::format("{}[{}]", key, i), array[i].as_number(key));
      }
    }
  }
}

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.as_object("line")) {
    if (!value.is_array()) keys.push_back(key);
  }
  return keys;
}

ScoreTable read_json_lines(TextInput input, const std::string& where,
                           const ReaderOptions& options) {
  LineSplitter splitter(options.max_row_bytes);
  std::optional<ScoreTableBuilder> builder;
  for (;;) {
    const std::optional<Line> line = splitter.take(input);
    if (!line && input.at_end()) break;
    if (!line) {
      input.fill();
      continue;
    }
    const std::string place = where + ", " + to_string(line->place);
    const Json object = Json::parse(line->text, place);
    if (!object.is_object()) {
      fail(ErrorCode::k_bad_data, "a line is not a JSON object", place);
    }
    if (!builder) builder.emplace(keys_of(object), options, where);
    builder->start_row();
    for (const auto& [key, value] : object.as_object(where)) set_value(*builder, key, value);
  }
  if (!builder) fail(ErrorCode::k_bad_data, "the table has no rows", where, "it is empty");
  return builder->finish();
}

}  // namespace

bool is_score_array(const std::string& name) {
  return name == "logits" || name == "probabilities" || name == "scores";
}

ScoreTable read_score_table(const std::filesystem::path& path, Format format,
                            const ReaderOptions& options) {
  if (format == Format::k_lines) {
    fail(ErrorCode::k_usage, "plain lines hold no columns of scores", path, {},
         "Give a .parquet, .csv, .tsv or .jsonl file.");
  }
  if (format == Format::k_parquet) return arrow_plugin().read_parquet_scores(path, options);
  TextInput input(unpacking_source(open_byte_source(path), path), options.block_bytes);
  if (format == Format::k_json_lines) return read_json_lines(std::move(input), path, options);
  return read_delimited(std::move(input), path, format == Format::k_csv ? ',' : '\t', options);
}

}  // namespace hasten::data
