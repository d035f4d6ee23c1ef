#include "data/delimited_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace hasten::data {
namespace {

constexpr char k_quote = '"';
constexpr std::size_t k_max_columns = 100'000;

}  // namespace

void require_closed_quotes(const DelimitedRecord& record, const std::string& input_name,
                           const std::string& remedy) {
  if (!record.unclosed_quote) return;
  fail(ErrorCode::k_bad_data,
       "the quote that opens a field here is not closed before the end of the input, so that all "
       "lines from here on are one field",
       input_name + ", " + to_string(*record.unclosed_quote),
       "the quote belongs to the text and was not doubled, or the file is cut short", remedy);
}

void DelimitedParser::keep(std::vector<std::size_t> slots, std::size_t slot_count) {
  keep_all_ = false;
  slots_ = std::move(slots);
  slot_count_ = slot_count;
}

bool DelimitedParser::take(TextInput& input, DelimitedRecord& record) {
  const std::string_view pending = input.pending();
  std::size_t position = 0;
  bool complete = false;
  while (position < pending.size() && !complete) complete = step(input, pending, position);
  input.consume(position);
  if (complete) {
    end_record(record);
    return true;
  }
  return input.at_end() && finish(record);
}

// Advances over one or more bytes of one kind; true when the record has ended.
bool DelimitedParser::step(TextInput& input, std::string_view pending, std::size_t& position) {
  const char c = pending[position];
  if (held_return_) return take_held_return(c, position);
  if (std::exchange(skip_newline_, false) && c == '\n') {
    ++position;
    return false;
  }
  if (state_ == State::k_record_start) start_record(input.place(line_, position));
  if (state_ == State::k_quoted) {
    scan_quoted(pending, position);
    return false;
  }
  if (c == '\n' || c == '\r') {
    ++position;
    if (c == '\n') return end_line(LineEnd::k_line_feed);
    skip_newline_ = line_end_ == LineEnd::k_carriage_return;
    if (skip_newline_) return end_line(line_end_);
    held_return_ = true;
    return false;
  }
  any_byte_ = true;
  if (c == delimiter_) {
    ++position;
    end_field();
    return false;
  }
  if (quoting_ && c == k_quote && state_ != State::k_unquoted) {
    // Either a field opens, or the quote that closed one was the first of a doubled quote.
    if (state_ == State::k_after_quote) append("\"");
    if (state_ == State::k_field_start) quote_ = input.place(line_, position);
    state_ = State::k_quoted;
    ++position;
    return false;
  }
  scan_unquoted(pending, position);
  return false;
}

bool DelimitedParser::take_held_return(char next, std::size_t& position) {
  held_return_ = false;
  if (next == '\n') {
    ++position;
    return end_line(LineEnd::k_line_feed);
  }
  if (line_end_ == LineEnd::k_undecided) return end_line(LineEnd::k_carriage_return);
  any_byte_ = true;
  leave_quotes();
  append("\r");
  return false;
}

bool DelimitedParser::end_line(LineEnd line_end) {
  if (line_end_ == LineEnd::k_undecided) line_end_ = line_end;
  end_field();
  ++line_;
  return true;
}

void DelimitedParser::start_record(const Place& place) {
  current_ = {};
  current_.place = place;
  current_.fields.resize(keep_all_ ? 0 : slot_count_);
  record_bytes_ = 0;
  any_byte_ = false;
  state_ = State::k_field_start;
}

void DelimitedParser::scan_unquoted(std::string_view pending, std::size_t& position) {
  leave_quotes();
  std::size_t end = position;
  while (end < pending.size() && !ends_field(pending[end])) ++end;
  append(pending.substr(position, end - position));
  position = end;
}

void DelimitedParser::leave_quotes() {
  if (state_ == State::k_after_quote) {
    // Where such a field has several lines, they may have been rows: a quote that was not closed ends
    // at the next row that begins with one.
    const std::string lines = quote_.line == line_
                                  ? std::string()
                                  : fmt::format(" (it is lines {} to {})", quote_.line, line_);
    set_problem(
        fmt::format("field {} goes on after its closing quote{}: a quote inside a quoted field "
                    "must be doubled, or quoting be turned off",
                    current_.field_count + 1, lines));
  }
  state_ = State::k_unquoted;
}

void DelimitedParser::scan_quoted(std::string_view pending, std::size_t& position) {
  const auto end = std::min(pending.find(k_quote, position), pending.size());
  const std::string_view bytes = pending.substr(position, end - position);
  line_ += static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
  append(bytes);
  position = end;
  if (position == pending.size()) return;
  ++position;
  state_ = State::k_after_quote;
}

void DelimitedParser::append(std::string_view bytes) {
  const bool kept = keep_all_ || (current_.field_count < slots_.size() &&
                                  slots_[current_.field_count] != k_dropped);
  if (!kept) return;
  record_bytes_ += bytes.size();
  if (record_bytes_ > max_record_bytes_) {
    set_problem(fmt::format("the record is longer than {} bytes", max_record_bytes_));
    field_.clear();
    return;
  }
  field_ += bytes;
}

void DelimitedParser::end_field() {
  const std::size_t index = current_.field_count++;
  if (keep_all_) {
    // The fields of a record of commas would take far more memory than its bytes.
    if (index < k_max_columns) current_.fields.push_back(std::move(field_));
    if (index == k_max_columns) set_problem(fmt::format("more than {} columns", k_max_columns));
  } else if (index < slots_.size() && slots_[index] != k_dropped) {
    current_.fields[slots_[index]] = std::move(field_);
  }
  field_.clear();
  state_ = State::k_field_start;
}

void DelimitedParser::end_record(DelimitedRecord& record) {
  current_.blank = !any_byte_;
  record = std::move(current_);
  state_ = State::k_record_start;
}

// What remains at the end of the input: a record without an end of line, or nothing.
bool DelimitedParser::finish(DelimitedRecord& record) {
  if (state_ == State::k_record_start) return false;
  if (state_ == State::k_quoted) current_.unclosed_quote = quote_;
  held_return_ = false;
  end_field();
  end_record(record);
  return true;
}

void DelimitedParser::set_problem(std::string problem) {
  if (current_.problem.empty()) current_.problem = std::move(problem);
}

}  // namespace hasten::data
