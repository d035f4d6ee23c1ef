#include "stages.h"

#include <fmt/format.h>

#include "terminal.h"

namespace hasten::cli {
namespace {

constexpr std::chrono::milliseconds k_terminal_interval{200};
constexpr std::chrono::seconds k_plain_interval{30};

}  // namespace

Stages::Stages(bool silent)
    : silent_(silent),
      terminal_(stderr_is_terminal()),
      start_(Clock::now()),
      next_(terminal_ ? start_ : start_ + k_plain_interval) {}

void Stages::update(const std::string& stage, std::uint64_t done, std::uint64_t total) {
  const auto now = Clock::now();
  if (silent_ || now < next_) return;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const std::string part = total == 0
                               ? std::string()
                               : fmt::format(", {} of {}", format_count(done), format_count(total));
  const std::string line = fmt::format("{}{}, {:.0f} s", stage, part, seconds);
  if (terminal_) {
    fmt::print(stderr, "\r\x1b[K{}", fit(line, terminal_width() - 1));
    next_ = now + k_terminal_interval;
  } else {
    fmt::print(stderr, "{}\n", line);
    next_ = now + k_plain_interval;
  }
  std::fflush(stderr);
}

void Stages::finish() {
  if (!silent_ && terminal_) fmt::print(stderr, "\r\x1b[K");
}

}  // namespace hasten::cli
