#include "terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <hasten/error.h>

namespace hasten::cli {
namespace {

std::string styled(const char* code, std::string_view text) {
  static const bool k_coloured = stdout_is_terminal() && std::getenv("NO_COLOR") == nullptr;
  if (!k_coloured) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

struct CodePoint {
  char32_t value;
  std::size_t length;
};

// The code point at the start of `text`, which is not empty; a malformed byte stands for itself.
CodePoint decode(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (length == 1 || length > text.size()) return {first, 1};
  char32_t value = first & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i)
    value = value << 6 | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  return {value, length};
}

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

std::size_t width_of(char32_t c) {
  if ((c >= 0x300 && c <= 0x36F) || (c >= 0x200B && c <= 0x200F) || (c >= 0xFE00 && c <= 0xFE0F))
    return 0;
  const bool wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
                    (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
                    (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
                    (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
  return wide ? 2 : 1;
}

}  // namespace

bool stdout_is_terminal() {
  return ::isatty(STDOUT_FILENO) != 0;
}

bool stderr_is_terminal() {
  return ::isatty(STDERR_FILENO) != 0;
}

std::size_t terminal_width() {
  for (const int descriptor : {STDOUT_FILENO, STDERR_FILENO}) {
    winsize size{};
    if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  }
  return 80;
}

std::string bold(std::string_view text) {
  return styled("1", text);
}
std::string dim(std::string_view text) {
  return styled("2", text);
}
std::string green(std::string_view text) {
  return styled("32", text);
}
std::string red(std::string_view text) {
  return styled("31", text);
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const CodePoint point = decode(text);
    columns += width_of(point.value);
    text.remove_prefix(point.length);
  }
  return columns;
}

std::string fit(std::string_view text, std::size_t columns) {
  std::string out;
  std::size_t used = 0;
  std::size_t last_fit = 0;  // bytes of `out` after which an ellipsis still fits
  while (!text.empty()) {
    const CodePoint point = decode(text);
    const std::size_t width = is_control(point.value) ? 1 : width_of(point.value);
    if (used + width > columns) return out.substr(0, last_fit) + "…";
    out += is_control(point.value) ? std::string(" ") : std::string(text.substr(0, point.length));
    used += width;
    if (used + 1 <= columns) last_fit = out.size();
    text.remove_prefix(point.length);
  }
  return out;
}

std::string format_bytes(std::uint64_t bytes) {
  const auto value = static_cast<double>(bytes);
  if (value >= 1e9) return fmt::format("{:.2f} GB", value / 1e9);
  if (value >= 1e6) return fmt::format("{:.1f} MB", value / 1e6);
  if (value >= 1e3) return fmt::format("{:.1f} kB", value / 1e3);
  return fmt::format("{} bytes", bytes);
}

std::string format_count(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (std::ptrdiff_t i = static_cast<std::ptrdiff_t>(digits.size()) - 3; i > 0; i -= 3) {
    digits.insert(static_cast<std::size_t>(i), ",");
  }
  return digits;
}

std::string format_seconds(double seconds) {
  return seconds < 1 ? fmt::format("{:.0f} ms", seconds * 1e3) : fmt::format("{:.2f} s", seconds);
}

std::string format_duration(double seconds) {
  const auto whole = static_cast<std::uint64_t>(seconds);
  if (whole >= 3600) return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
  return whole >= 60 ? fmt::format("{} min {:02} s", whole / 60, whole % 60)
                     : fmt::format("{} s", whole);
}

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) flush_output();
}

void flush_output() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
  const int reason = errno == 0 ? EIO : errno;
  throw Error({ErrorCode::k_output,
               std::string("cannot be written: ") + std::strerror(reason),
               "standard output",
               {},
               "Free some space, or write elsewhere."});
}

}  // namespace hasten::cli
