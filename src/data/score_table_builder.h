// Makes a ScoreTable of rows of named cells.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "data/score_table.h"

namespace hasten::data {

// Call start_row(), then a function for each of its cells. Used by one thread.
class ScoreTableBuilder {
 public:
  // `names` are all columns where they are known beforehand, else those of the first row. Throws
  // k_bad_data for a column that the options name and that is not there.
  ScoreTableBuilder(const std::vector<std::string>& names, const ReaderOptions& options,
                    const std::string& where);

  // A column may have an empty name, which is neither's: pandas writes its index so.
  bool is_id(std::string_view name) const { return !name.empty() && name == table_.id_column; }
  bool is_text(std::string_view name) const { return !name.empty() && name == table_.text_column; }

  bool is_pair(std::string_view name) const { return name == "text_pair"; }

  void start_row();
  void set_id(RowId id) { table_.ids.back() = std::move(id); }
  void set_text(std::string text) { table_.texts.back() = std::move(text); }
  void set_pair(std::string text) {
    if (!table_.pairs.empty()) table_.pairs.back() = std::move(text);
  }
  void set_number(const std::string& name, double value);
  // A cell of text: a number written out, an id or a text by its column's name, or neither: then
  // the column holds no numbers.
  void set_cell(const std::string& name, std::string_view cell);

  ScoreTable finish();

 private:
  struct Column {
    std::size_t index = 0;
    bool holds_numbers = true;
  };
  Column& column_of(const std::string& name);

  ScoreTable table_;
  std::map<std::string, Column, std::less<>> columns_;
};

}  // namespace hasten::data
