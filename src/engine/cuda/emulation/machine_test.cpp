// What drivers, memory and cards can do to the backend.
#include <gmock/gmock.h>

#include <thread>

#include "engine/cuda/backend_for_tests.h"
#include "engine/cuda/device_batch.h"
#include "engine/cuda/emulation/control.h"
#include "engine/cuda/prepared_program.h"

namespace hasten::engine::cuda {
namespace {

using testing::HasSubstr;

class EmulatedMachine : public testing::Test {
 protected:
  void SetUp() override { emulated::machine() = emulated::Machine(); }
  void TearDown() override { emulated::machine() = emulated::Machine(); }
};

TEST_F(EmulatedMachine, ReplaysWhatItRecordedForASizeClass) {
  Random random(3);
  const Program program = small_program(random);
  const auto executable = prepare(program, {0});
  const auto stream = executable->make_stream({});
  const auto first = sequences_of(random, {20, 21, 22});
  const auto second = sequences_of(random, {23, 20, 19});
  const auto expected_first = logits_of(*stream, first, 3);
  const auto expected_second = logits_of(*executable->make_stream({}), second, 3);
  EXPECT_EQ(emulated::machine().recordings_replayed, 0U);
  EXPECT_EQ(logits_of(*stream, second, 3), expected_second);
  EXPECT_EQ(logits_of(*stream, first, 3), expected_first);
  EXPECT_EQ(emulated::machine().recordings_replayed, 2U);
  // Larger batches move the memory that was recorded.
  logits_of(*stream, sequences_of(random, std::vector<std::size_t>(9, 40)), 3);
  EXPECT_EQ(logits_of(*stream, second, 3), expected_second);
  EXPECT_EQ(emulated::machine().recordings_replayed, 2U);
}

TEST_F(EmulatedMachine, HalvesTheBudgetWhenMemoryRunsOut) {
  Random random(4);
  const Program program = small_program(random);
  const auto executable = prepare(program, {0});
  const auto sequences = sequences_of(random, std::vector<std::size_t>(40, 50));
  const auto expected = logits_of(*executable->make_stream({}), sequences, 3);
  EXPECT_EQ(executable->token_budget(), k_token_budget);
  const auto stream = executable->make_stream({});
  emulated::machine().largest_allocation = std::size_t{600} << 10;
  EXPECT_EQ(logits_of(*stream, sequences, 3), expected);
  EXPECT_LT(executable->token_budget(), 2000U);
}

// The memory of the device grows, that of the host does not: nothing of the larger batch may be left behind.
TEST_F(EmulatedMachine, GoesOnWhenPinnedMemoryRunsOut) {
  Random random(12);
  const Program program = small_program(random);
  const auto executable = prepare(program, {0});
  const auto few = sequences_of(random, {20, 21});
  const auto many = sequences_of(random, std::vector<std::size_t>(12, 50));
  const auto expected_few = logits_of(*executable->make_stream({}), few, 3);
  const auto expected_many = logits_of(*executable->make_stream({}), many, 3);
  const auto stream = executable->make_stream({});
  logits_of(*stream, few, 3);
  EXPECT_EQ(executable->note(), "");
  emulated::machine().largest_pinned = 4000;
  EXPECT_EQ(logits_of(*stream, many, 3), expected_many);
  EXPECT_THAT(executable->note(), HasSubstr("did not suffice for batches of 16384 tokens"));
  EXPECT_EQ(logits_of(*stream, few, 3), expected_few);
  EXPECT_EQ(logits_of(*stream, few, 3), expected_few);
}

TEST_F(EmulatedMachine, SaysWhenOneTextDoesNotFit) {
  Random random(5);
  const Program program = small_program(random);
  const auto stream = prepare(program, {0})->make_stream({});
  emulated::machine().largest_allocation = 1000;
  try {
    logits_of(*stream, sequences_of(random, {100}), 3);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::k_out_of_memory);
    EXPECT_THAT(error.what(), HasSubstr("--device cpu"));
  }
}

TEST_F(EmulatedMachine, EndsAsIncompleteWhenTheDeviceIsLost) {
  Random random(6);
  const Program program = small_program(random);
  const auto stream = prepare(program, {0})->make_stream({});
  emulated::machine().waits_until_lost = 0;
  try {
    logits_of(*stream, sequences_of(random, {10}), 3);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::k_incomplete);
    EXPECT_THAT(error.what(), HasSubstr("ECC"));
  }
}

TEST_F(EmulatedMachine, SharesWorkBetweenDevices) {
  emulated::machine().cards.resize(2);
  Random random(7);
  const Program program = small_program(random);
  const auto executable = prepare(program, {0, 1});
  EXPECT_THAT(executable->description(), HasSubstr("cuda:0 Emulated and cuda:1 Emulated, fp32"));
  const auto sequences = sequences_of(random, {10, 30});
  EXPECT_EQ(logits_of(*executable->make_stream({}), sequences, 3),
            logits_of(*executable->make_stream({}), sequences, 3));
}

TEST_F(EmulatedMachine, HasContextsOnlyOnTheDevicesAskedFor) {
  emulated::machine().cards.resize(3);
  Random random(7);
  const Program program = small_program(random);
  const auto sequences = sequences_of(random, {10, 30});
  std::thread([&] {  // one that has chosen no device yet
    logits_of(*prepare(program, {1})->make_stream({}), sequences, 3);
  })
      .join();
  EXPECT_THAT(emulated::machine().contexts, testing::ElementsAre(1));
}

TEST_F(EmulatedMachine, GivesAllMemoryBack) {
  Random random(8);
  {
    const Program program = small_program(random, Precision::k_bfloat16);
    const auto executable = prepare(program, {0});
    logits_of(*executable->make_stream({}), sequences_of(random, {10}), 3);
    EXPECT_GT(emulated::machine().live_allocations, 0U);
  }
  EXPECT_EQ(emulated::machine().live_allocations, 0U);
}

TEST_F(EmulatedMachine, SaysWhyThereIsNoDevice) {
  Random random(10);
  const Program program = small_program(random);
  emulated::Machine& machine = emulated::machine();
  machine.driver_version = 0;
  EXPECT_THAT(failure_of(program, {0}, ErrorCode::k_unsupported), HasSubstr("no NVIDIA driver"));
  machine.driver_version = 12020;
  EXPECT_THAT(failure_of(program, {0}, ErrorCode::k_unsupported),
              HasSubstr("takes CUDA up to 12.2, and this build needs 13.0"));
  machine = emulated::Machine();
  machine.cards.clear();
  EXPECT_THAT(failure_of(program, {0}, ErrorCode::k_unsupported),
              HasSubstr("CUDA_VISIBLE_DEVICES"));
  machine.cards = {{"Tesla P100", 6, 0}};
  EXPECT_THAT(failure_of(program, {0}, ErrorCode::k_unsupported),
              HasSubstr("compute capability 6.0"));
  EXPECT_THAT(failure_of(program, {1}, ErrorCode::k_usage), HasSubstr("there is no GPU 1"));
}

TEST_F(EmulatedMachine, RefusesFloat8OnCardsWithoutIt) {
  Random random(14);
  const Program program = small_program(random, Precision::k_float8);
  emulated::machine().cards = {{"A100", 8, 0}};
  EXPECT_THAT(failure_of(program, {0}, ErrorCode::k_unsupported),
              HasSubstr("compute capability 8.0, and fp8 needs 8.9"));
  emulated::machine().cards = {{"L4", 8, 9}};
  Program settled = program;
  keep_from_float8(settled);
  EXPECT_THAT(prepare(settled, {0})->description(), HasSubstr("fp8 and bf16"));
}

}  // namespace
}  // namespace hasten::engine::cuda
