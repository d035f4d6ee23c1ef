#include "data/json_lines_writer.h"

#include "base/json.h"
#include "data/buffered_output.h"
#include "data/cell_text.h"

namespace hasten::data {
namespace {

class JsonLinesWriter : public ScoreWriter {
 public:
  JsonLinesWriter(std::unique_ptr<OutputFile> file, const ScoreSchema& schema)
      : schema_(schema), output_(std::move(file)) {}

  void write(std::span<const ScoreRow> rows) override {
    for (const ScoreRow& row : rows) {
      append_row(row);
      output_.flush_if_full();
    }
  }
  void close() override { output_.commit(); }

 private:
  void append_row(const ScoreRow& row);
  void append_id(const RowId& id);
  void append_cell(const Cell& cell, const std::string& type);
  void append_key(const std::string& name);

  ScoreSchema schema_;
  BufferedOutput output_;
};

void JsonLinesWriter::append_row(const ScoreRow& row) {
  check_score_count(row, schema_);
  std::string& out = output_.buffer();
  out += '{';
  if (schema_.has_ids) {
    append_key(schema_.id_column);
    append_id(row.id);
    out += ", ";
  }
  for (std::size_t i = 0; i < row.copied.size(); ++i) {
    append_key(schema_.copied_columns[i].name);
    append_cell(row.copied[i], schema_.copied_columns[i].type);
    out += ", ";
  }
  for (std::size_t i = 0; i < schema_.score_columns.size(); ++i) {
    append_key(schema_.score_columns[i]);
    if (row.scores.empty()) {
      out += "null";
    } else {
      append_json_number(out, row.scores[i]);
    }
    out += ", ";
  }
  append_key(k_status_column);
  append_json_string(out, status_text(row));
  out += "}\n";
}

void JsonLinesWriter::append_id(const RowId& id) {
  if (const auto* integer = std::get_if<std::int64_t>(&id)) {
    output_.buffer() += std::to_string(*integer);
  } else if (const auto* text = std::get_if<std::string>(&id)) {
    append_json_string(output_.buffer(), *text);
  } else {
    output_.buffer() += "null";
  }
}

void JsonLinesWriter::append_cell(const Cell& cell, const std::string& type) {
  if (const auto* number = std::get_if<double>(&cell)) {
    append_json_number(output_.buffer(), *number);
  } else if (type == k_bool_type && std::holds_alternative<std::int64_t>(cell)) {
    output_.buffer() += text_of(cell, type);
  } else {
    append_id(as_id(cell, type));
  }
}

void JsonLinesWriter::append_key(const std::string& name) {
  append_json_string(output_.buffer(), name);
  output_.buffer() += ": ";
}

}  // namespace

std::unique_ptr<ScoreWriter> make_json_lines_writer(std::unique_ptr<OutputFile> file,
                                                    const ScoreSchema& schema) {
  return std::make_unique<JsonLinesWriter>(std::move(file), schema);
}

}  // namespace hasten::data
