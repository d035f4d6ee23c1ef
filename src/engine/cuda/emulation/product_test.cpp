// The choice among cuBLASLt's algorithms.
#include "engine/cuda/product.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "base/error.h"
#include "engine/cuda/emulation/control.h"
#include "engine/cuda/random_numbers.h"

namespace hasten::engine::cuda {
namespace {

using testing::HasSubstr;

constexpr std::size_t k_rows = 256;

class ProductChoice : public testing::Test {
 protected:
  void TearDown() override { emulated::machine() = emulated::Machine(); }

  // Of one product with the algorithm that was chosen: it tells which.
  static float chosen_milliseconds(const ProductShape& shape) {
    Product product(make_algorithm_cache(), nullptr);
    product.prepare(shape, k_rows);
    const DeviceMemory input = random_numbers(shape.operand, k_rows * shape.inputs);
    const DeviceMemory weight = random_numbers(shape.operand, shape.outputs * shape.inputs);
    const DeviceMemory output(k_rows * shape.outputs * sizeof(float));
    emulated::machine().milliseconds = 0;
    product.enqueue(shape, {k_rows, input.data(), weight.data(), nullptr, nullptr, output.data()});
    return emulated::machine().milliseconds;
  }

  static std::string failure_of(const ProductShape& shape) {
    try {
      chosen_milliseconds(shape);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::k_unsupported);
      return error.what();
    }
    ADD_FAILURE() << "nothing was thrown";
    return {};
  }
};

TEST_F(ProductChoice, IsTheFastestThatSplitsNoSumTakesAllRowsAndKeepsBits) {
  emulated::machine().algorithms = {{.milliseconds = 5},
                                    {.milliseconds = 4},
                                    {.milliseconds = 3, .depends_on_rows = true},
                                    {.milliseconds = 2, .splits = 4},
                                    {.milliseconds = 1, .least_rows = 64}};
  EXPECT_EQ(chosen_milliseconds({48, 32, NumberType::k_bfloat16, NumberType::k_float32}), 4);
}

TEST_F(ProductChoice, OfFloat8NeedsNoFewRows) {
  emulated::machine().algorithms = {{.milliseconds = 5}, {.milliseconds = 1, .least_rows = 64}};
  EXPECT_EQ(chosen_milliseconds({32, 16, NumberType::k_float8, NumberType::k_bfloat16}), 1);
}

TEST_F(ProductChoice, SaysWhenThereIsNone) {
  const ProductShape shape{48, 32, NumberType::k_float32, NumberType::k_float32};
  emulated::machine().algorithms = {};
  EXPECT_THAT(failure_of(shape), HasSubstr("no algorithm for this precision"));
  emulated::machine().algorithms = {{.depends_on_rows = true}};
  EXPECT_THAT(failure_of(shape), HasSubstr("depend on the number of rows"));
  EXPECT_THAT(failure_of({40, 24, NumberType::k_float8, NumberType::k_bfloat16}),
              HasSubstr("40 by 24"));
}

TEST_F(ProductChoice, RunsOnlyWhatWasPrepared) {
  Product product(make_algorithm_cache(), nullptr);
  EXPECT_THROW(product.enqueue({16, 16}, {}), std::exception);
}

}  // namespace
}  // namespace hasten::engine::cuda
