// What the readers of streams share: rows are taken as they arrive.
#pragma once

#include <memory>
#include <vector>

#include "data/text_input.h"
#include "data/text_reader.h"

namespace hasten::data {

class StreamReader : public RowReader {
 public:
  bool read(std::vector<TextRow>& rows, std::size_t at_most) final;

 protected:
  explicit StreamReader(TextInput input) : input_(std::move(input)) {}

  // Fills `row` with the next row if all of it is pending, or if nothing follows; otherwise false.
  virtual bool take_row(TextRow& row) = 0;

  TextInput input_;

 private:
  std::uint64_t row_count_ = 0;
};

}  // namespace hasten::data
