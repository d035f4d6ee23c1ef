#include "data/delimited_parser.h"

#include <fmt/format.h>

#include <algorithm>

namespace hasten::data {
namespace {

constexpr char k_quote = '"';

bool ends_record(char c) {
  return c == '\n' || c == '\r';
}

}  // namespace

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
  if (skip_newline_) {
    skip_newline_ = false;
    if (c == '\n') {
      ++position;
      return false;
    }
  }
  if (state_ == State::k_record_start) {
    current_ = {};
    current_.place = input.place(line_, position);
    current_.fields.resize(keep_all_ ? 0 : slot_count_);
    record_bytes_ = 0;
    any_byte_ = false;
    state_ = State::k_field_start;
  }
  if (state_ == State::k_quoted) {
    scan_quoted(pending, position);
    return false;
  }
  if (c == delimiter_ || ends_record(c)) {
    ++position;
    any_byte_ = any_byte_ || c == delimiter_;
    end_field();
    if (c == delimiter_) return false;
    ++line_;
    skip_newline_ = c == '\r';
    return true;
  }
  any_byte_ = true;
  if (c == k_quote && state_ != State::k_unquoted) {
    // Either a field opens, or the quote that closed one was the first of a doubled quote.
    if (state_ == State::k_after_quote)
      append("\"");
    else
      quote_place_ = input.place(line_, position);
    state_ = State::k_quoted;
    ++position;
    return false;
  }
  if (state_ == State::k_after_quote) {
    set_problem(
        fmt::format("field {} goes on after its closing quote: a quote inside a quoted field "
                    "must be doubled",
                    current_.field_count + 1));
  }
  const char stops[] = {delimiter_, '\n', '\r'};
  const auto end = std::min(pending.find_first_of({stops, sizeof stops}, position), pending.size());
  append(pending.substr(position, end - position));
  position = end;
  state_ = State::k_unquoted;
  return false;
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
    current_.fields.push_back(std::move(field_));
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
  if (state_ == State::k_quoted) {
    set_problem(
        fmt::format("the quoted field that starts at {} is not closed before the end of the "
                    "input: all lines from there on are lost",
                    to_string(quote_place_)));
  }
  end_field();
  end_record(record);
  return true;
}

void DelimitedParser::set_problem(std::string problem) {
  if (current_.problem.empty()) current_.problem = std::move(problem);
}

}  // namespace hasten::data
