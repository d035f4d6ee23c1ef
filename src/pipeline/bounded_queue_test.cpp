#include "pipeline/bounded_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

namespace hasten::pipeline {
namespace {

TEST(BoundedQueue, ItemsComeOutInOrderAndAllOfThem) {
  BoundedQueue<int> queue(3);
  std::jthread writer([&] {
    for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(queue.push(i));
    queue.end();
  });
  int expected = 0;
  while (const auto item = queue.pop()) EXPECT_EQ(*item, expected++);
  EXPECT_EQ(expected, 10'000);
}

TEST(BoundedQueue, AFullQueueMakesTheWriterWait) {
  BoundedQueue<int> queue(2);
  std::atomic<int> pushed{0};
  std::jthread writer([&] {
    for (int i = 0; i < 3; ++i) {
      queue.push(i);
      ++pushed;
    }
  });
  while (pushed < 2) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(pushed, 2);
  EXPECT_EQ(queue.pop(), 0);
}

TEST(BoundedQueue, EndingLetsAWaitingWriterGo) {
  BoundedQueue<int> queue(1);
  ASSERT_TRUE(queue.push(1));
  std::jthread ender([&] { queue.end(); });
  EXPECT_FALSE(queue.push(2));
}

TEST(BoundedQueue, AnErrorComesAfterTheItems) {
  BoundedQueue<int> queue(2);
  queue.push(7);
  queue.fail(std::make_exception_ptr(std::runtime_error("broken")));
  EXPECT_EQ(queue.pop(), 7);
  EXPECT_THROW(queue.pop(), std::runtime_error);
  EXPECT_EQ(queue.pop(), std::nullopt);
}

TEST(BoundedQueue, TryPopDoesNotWait) {
  BoundedQueue<int> queue(1);
  EXPECT_EQ(queue.try_pop(), std::nullopt);
  queue.push(5);
  EXPECT_EQ(queue.try_pop(), 5);
}

}  // namespace
}  // namespace hasten::pipeline
