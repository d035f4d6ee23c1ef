// Progress of a bulk job, on stderr.
#pragma once

#include <hasten/label.h>

#include <chrono>
#include <string>

namespace hasten::cli {

// On a terminal one line that is rewritten a few times a second; elsewhere a plain line every 30 s.
class LabelProgressLine {
 public:
  // A silent one prints nothing.
  explicit LabelProgressLine(bool silent);
  void update(const LabelProgress& now);
  // A line of its own.
  void say(const std::string& line);
  // Clears the line.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  std::string describe(const LabelProgress& now) const;

  bool silent_;
  bool terminal_;
  Clock::time_point start_;
  Clock::time_point next_;
};

}  // namespace hasten::cli
