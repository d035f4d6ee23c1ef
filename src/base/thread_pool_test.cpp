#include "base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace hasten {
namespace {

TEST(ThreadPool, CallsEveryWorkerOncePerRun) {
  ThreadPool team(4);
  std::vector<std::atomic<int>> calls(4);
  for (int run = 0; run < 1000; ++run) {
    team.run([&](int worker) { ++calls[static_cast<std::size_t>(worker)]; });
  }
  for (const auto& count : calls) EXPECT_EQ(count.load(), 1000);
}

TEST(ThreadPool, RethrowsAndStaysUsable) {
  ThreadPool team(3);
  EXPECT_THROW(team.run([](int worker) {
    if (worker == 2) throw std::runtime_error("worker");
  }),
               std::runtime_error);
  std::atomic<int> calls{0};
  team.run([&](int) { ++calls; });
  EXPECT_EQ(calls.load(), 3);
}

TEST(ShareOf, CoversTheWholeRangeInUnits) {
  for (const std::size_t count : {0u, 1u, 15u, 16u, 17u, 1000u}) {
    std::size_t next = 0;
    for (int worker = 0; worker < 3; ++worker) {
      const Range range = share_of(count, 16, worker, 3);
      EXPECT_EQ(range.begin, next);
      EXPECT_TRUE(range.end == count || range.end % 16 == 0);
      next = range.end;
    }
    EXPECT_EQ(next, count);
  }
}

}  // namespace
}  // namespace hasten
