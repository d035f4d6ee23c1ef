#include "data/delimited_writer.h"

#include <cmath>
#include <string_view>

#include "base/json.h"
#include "data/buffered_output.h"
#include "data/cell_text.h"

namespace hasten::data {
namespace {

class DelimitedWriter : public ScoreWriter {
 public:
  DelimitedWriter(std::unique_ptr<OutputFile> file, char delimiter, const ScoreSchema& schema)
      : delimiter_(delimiter), schema_(schema), output_(std::move(file)) {
    if (schema.has_ids) append_field(schema.id_column);
    for (const CopiedColumn& column : schema.copied_columns) append_field(column.name);
    for (const std::string& name : schema.score_columns) append_field(name);
    output_.buffer() += k_status_column;
    output_.buffer() += '\n';
  }

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
  void append_score(float score);
  void append_field(std::string_view text);

  char delimiter_;
  ScoreSchema schema_;
  BufferedOutput output_;
};

void DelimitedWriter::append_row(const ScoreRow& row) {
  check_score_count(row, schema_);
  if (schema_.has_ids) append_id(row.id);
  for (std::size_t i = 0; i < row.copied.size(); ++i) {
    append_id(as_id(row.copied[i], schema_.copied_columns[i].type));
  }
  for (std::size_t i = 0; i < schema_.score_columns.size(); ++i) {
    if (!row.scores.empty()) append_score(row.scores[i]);
    output_.buffer() += delimiter_;
  }
  output_.buffer() += status_text(row);
  output_.buffer() += '\n';
}

// A missing id is an empty field, an empty one a quoted field with nothing in it.
void DelimitedWriter::append_id(const RowId& id) {
  if (const auto* integer = std::get_if<std::int64_t>(&id)) {
    output_.buffer() += std::to_string(*integer);
    output_.buffer() += delimiter_;
  } else if (const auto* text = std::get_if<std::string>(&id)) {
    append_field(*text);
  } else {
    output_.buffer() += delimiter_;
  }
}

void DelimitedWriter::append_score(float score) {
  if (std::isfinite(score)) {
    append_json_number(output_.buffer(), score);
  } else {
    output_.buffer() += std::isnan(score) ? "NaN" : score > 0 ? "Infinity" : "-Infinity";
  }
}

void DelimitedWriter::append_field(std::string_view text) {
  std::string& out = output_.buffer();
  const char special[] = {delimiter_, '"', '\n', '\r'};
  if (!text.empty() && text.find_first_of({special, sizeof special}) == std::string_view::npos) {
    out += text;
  } else {
    out += '"';
    for (const char c : text) {
      if (c == '"') out += c;
      out += c;
    }
    out += '"';
  }
  out += delimiter_;
}

}  // namespace

std::unique_ptr<ScoreWriter> make_delimited_writer(std::unique_ptr<OutputFile> file, char delimiter,
                                                   const ScoreSchema& schema) {
  return std::make_unique<DelimitedWriter>(std::move(file), delimiter, schema);
}

}  // namespace hasten::data
