// Progress of work that has several stages, on stderr.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace hasten::cli {

// On a terminal one line that is rewritten; elsewhere a plain line every 30 s.
class Stages {
 public:
  explicit Stages(bool silent);
  // `total` 0: how much there is to do is not known.
  void update(const std::string& stage, std::uint64_t done, std::uint64_t total);
  // Clears the line.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  bool silent_;
  bool terminal_;
  Clock::time_point start_;
  Clock::time_point next_;
};

}  // namespace hasten::cli
