// Signals that ask a long job to end in order.
#pragma once

#include <atomic>

namespace hasten::cli {

// From now on SIGTERM, SIGINT and SIGUSR1 make the value true; the same signal a second time ends
// the process at once. Lives as long as the process.
const std::atomic<bool>& stop_on_signals();

}  // namespace hasten::cli
