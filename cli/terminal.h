// What the other end of stdout and stderr is, and text made fit for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hasten::cli {

bool stdout_is_terminal();
bool stderr_is_terminal();

// Columns of the terminal on stdout, or on stderr; 80 when neither says.
std::size_t terminal_width();

// Bold or colour around text when stdout is a terminal and NO_COLOR is not set; the text otherwise.
std::string bold(std::string_view text);
std::string dim(std::string_view text);
std::string green(std::string_view text);
std::string red(std::string_view text);

// Text on one line of at most `columns` columns: control characters, which could drive the terminal,
// become spaces, and what is cut off is shown by an ellipsis. `text` is UTF-8.
std::string fit(std::string_view text, std::size_t columns);

// The number of columns that text takes: wide East Asian characters and emoji take two.
std::size_t columns_of(std::string_view text);

// "90.9 MB", "22,713,602", "1.25 s".
std::string format_bytes(std::uint64_t bytes);
std::string format_count(std::uint64_t count);
std::string format_seconds(double seconds);
// "12 s", "3 min 05 s", "7 h 20 min".
std::string format_duration(double seconds);

// Prints to stdout; throws k_output when it cannot be written (a full disk).
void print(std::string_view text);
void flush_output();

}  // namespace hasten::cli
