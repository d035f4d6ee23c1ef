// CSV and TSV as RFC 4180 has them, record by record.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/text_input.h"

namespace hasten::data {

struct DelimitedRecord {
  std::vector<std::string> fields;  // those that are kept, in the order of slots
  std::size_t field_count = 0;      // all of them
  bool blank = false;               // a line with nothing in it
  Place place;                      // of its first byte
  std::string problem;              // empty when it is well-formed
  // Of the quote that opened its last field, where the input ended before one closed it: what the
  // record holds then are this record and all that came after it.
  std::optional<Place> unclosed_quote;
};

// Throws k_bad_data naming the place of the quote where the record has one that is not closed.
// `remedy` is for people.
void require_closed_quotes(const DelimitedRecord& record, const std::string& input_name,
                           const std::string& remedy);

// Fields may be quoted, and then hold delimiters, ends of lines and doubled quotes. A record ends
// with LF or CRLF; any other CR is text, as programs leave it that end lines with LF. Only where a
// CR alone ends the first record does it end the others. A quote inside an unquoted field is text.
// A quoted field that is never closed makes one record, with its unclosed_quote, of all that
// remains; anything after a closing quote is a problem of that record alone. The same with tabs.
// Without `quoting` a quote is a character like others, wherever it stands.
class DelimitedParser {
 public:
  DelimitedParser(char delimiter, bool quoting, std::size_t max_record_bytes)
      : delimiter_(delimiter), quoting_(quoting), max_record_bytes_(max_record_bytes) {}

  // From the next record on, field i is kept as fields[slots[i]]; k_dropped and those beyond are
  // not.
  static constexpr std::size_t k_dropped = static_cast<std::size_t>(-1);
  void keep(std::vector<std::size_t> slots, std::size_t slot_count);

  // Consumes what is pending up to the end of a record; true when `record` is complete. False when
  // more is needed, or, at the end of the input, when there is no other record.
  bool take(TextInput& input, DelimitedRecord& record);

 private:
  enum class State { k_record_start, k_field_start, k_unquoted, k_quoted, k_after_quote };
  enum class LineEnd { k_undecided, k_line_feed, k_carriage_return };

  void start_record(const Place& place);
  void end_field();
  void end_record(DelimitedRecord& record);
  void append(std::string_view bytes);
  void set_problem(std::string problem);
  bool step(TextInput& input, std::string_view pending, std::size_t& position);
  bool ends_field(char c) const { return c == delimiter_ || c == '\n' || c == '\r'; }
  bool take_held_return(char next, std::size_t& position);
  bool end_line(LineEnd line_end);
  void leave_quotes();
  void scan_unquoted(std::string_view pending, std::size_t& position);
  void scan_quoted(std::string_view pending, std::size_t& position);
  bool finish(DelimitedRecord& record);

  char delimiter_;
  bool quoting_;
  std::size_t max_record_bytes_;
  bool keep_all_ = true;
  std::vector<std::size_t> slots_;
  std::size_t slot_count_ = 0;

  State state_ = State::k_record_start;
  std::uint64_t line_ = 1;
  LineEnd line_end_ = LineEnd::k_undecided;
  bool held_return_ = false;   // the last byte was a CR, and the next one says what it means
  bool skip_newline_ = false;  // the last byte was a CR that ended a record
  bool any_byte_ = false;      // of the record
  std::size_t record_bytes_ = 0;
  std::string field_;
  Place quote_;  // that opened the last quoted field
  DelimitedRecord current_;
};

}  // namespace hasten::data
