// Progress of long work, on stderr.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace hasten::cli {

// On a terminal one line that is rewritten a few times a second; elsewhere a plain line every 30 s.
class Progress {
 public:
  // `unit`: what is counted ("rows"). A silent progress prints nothing.
  Progress(std::string unit, bool silent);
  void update(std::uint64_t done);
  // Clears the line.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  std::string unit_;
  bool silent_;
  bool terminal_;
  Clock::time_point start_;
  Clock::time_point next_;
};

}  // namespace hasten::cli
