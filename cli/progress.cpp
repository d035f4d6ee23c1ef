#include "progress.h"

#include <fmt/format.h>

#include "terminal.h"

namespace hasten::cli {
namespace {

constexpr std::chrono::milliseconds k_terminal_interval{200};
constexpr std::chrono::seconds k_plain_interval{30};

}  // namespace

Progress::Progress(std::string unit, bool silent)
    : unit_(std::move(unit)),
      silent_(silent),
      terminal_(stderr_is_terminal()),
      start_(Clock::now()),
      next_(start_ + (terminal_ ? Clock::duration(k_terminal_interval)
                                : Clock::duration(k_plain_interval))) {}

void Progress::update(std::uint64_t done) {
  const auto now = Clock::now();
  if (silent_ || now < next_) return;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const std::string line = fmt::format(
      "{} {}, {}/s, {:.0f} s", format_count(done), unit_,
      format_count(static_cast<std::uint64_t>(static_cast<double>(done) / seconds)), seconds);
  if (terminal_) {
    fmt::print(stderr, "\r\x1b[K{}", line);
    next_ = now + k_terminal_interval;
  } else {
    fmt::print(stderr, "{}\n", line);
    next_ = now + k_plain_interval;
  }
  std::fflush(stderr);
}

void Progress::finish() {
  if (!silent_ && terminal_) fmt::print(stderr, "\r\x1b[K");
}

}  // namespace hasten::cli
