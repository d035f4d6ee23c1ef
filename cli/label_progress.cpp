#include "label_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "terminal.h"

namespace hasten::cli {
namespace {

constexpr std::chrono::milliseconds k_terminal_interval{200};
constexpr std::chrono::seconds k_plain_interval{30};
constexpr std::size_t k_bar_width = 20;

std::string bar(double share) {
  const auto full = static_cast<std::size_t>(share * k_bar_width);
  return "[" + std::string(full, '#') + std::string(k_bar_width - full, '.') + "]";
}

}  // namespace

LabelProgressLine::LabelProgressLine(bool silent)
    : silent_(silent),
      terminal_(stderr_is_terminal()),
      start_(Clock::now()),
      next_(start_ + (terminal_ ? Clock::duration(k_terminal_interval)
                                : Clock::duration(k_plain_interval))) {}

std::string LabelProgressLine::describe(const LabelProgress& now) const {
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  const auto rate = [&](std::uint64_t count) {
    return format_count(static_cast<std::uint64_t>(static_cast<double>(count) / seconds));
  };
  std::string line;
  if (now.share > 0) {
    line = fmt::format("{} {:.0f} %, ", bar(std::min(1.0, now.share)), now.share * 100);
    if (now.share < 1) {
      line += format_duration(seconds * (1 - now.share) / now.share) + " left, ";
    }
  }
  line +=
      fmt::format("{} rows, {} of {} files, {} texts/s, {} tokens/s", format_count(now.rows),
                  now.parts, now.parts_total, rate(now.rows - now.rows_before), rate(now.tokens));
  if (now.encoded_texts > 0) {
    line += fmt::format(", {:.0f} % duplicates", 100.0 * static_cast<double>(now.duplicates) /
                                                     static_cast<double>(now.encoded_texts));
  }
  return line;
}

void LabelProgressLine::update(const LabelProgress& now) {
  const auto time = Clock::now();
  if (silent_ || time < next_) return;
  if (terminal_) {
    fmt::print(stderr, "\r\x1b[K{}", fit(describe(now), terminal_width() - 1));
    next_ = time + k_terminal_interval;
  } else {
    fmt::print(stderr, "{}\n", describe(now));
    next_ = time + k_plain_interval;
  }
  std::fflush(stderr);
}

void LabelProgressLine::say(const std::string& line) {
  if (!silent_) fmt::print(stderr, "{}hasten: {}\n", terminal_ ? "\r\x1b[K" : "", line);
}

void LabelProgressLine::finish() {
  if (!silent_ && terminal_) fmt::print(stderr, "\r\x1b[K");
}

}  // namespace hasten::cli
