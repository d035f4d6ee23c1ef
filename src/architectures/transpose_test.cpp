#include "architectures/transpose.h"

#include <gtest/gtest.h>

#include <numeric>

namespace hasten::architectures {
namespace {

template <typename T>
class TransposeTest : public testing::Test {};
using Elements = testing::Types<std::int8_t, float, double>;
TYPED_TEST_SUITE(TransposeTest, Elements);

TYPED_TEST(TransposeTest, ExchangesRowsAndColumns) {
  for (const auto& [rows, columns] :
       {std::pair<std::int64_t, std::int64_t>{1, 1}, {16, 16}, {17, 5}, {3, 40}, {33, 47}}) {
    std::vector<TypeParam> values(static_cast<std::size_t>(rows * columns));
    std::iota(values.begin(), values.end(), TypeParam(1));
    const Tensor result = transpose(make_tensor<TypeParam>({rows, columns}, values));
    ASSERT_EQ(result.dims, (Dims{columns, rows}));
    const auto transposed = values_of<TypeParam>(result);
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t column = 0; column < columns; ++column) {
        ASSERT_EQ(transposed[static_cast<std::size_t>(column * rows + row)],
                  values[static_cast<std::size_t>(row * columns + column)]);
      }
    }
  }
}

TEST(Transpose, TakesAnEmptyMatrix) {
  EXPECT_EQ(transpose(make_tensor<float>({0, 4}, {})).dims, (Dims{4, 0}));
}

}  // namespace
}  // namespace hasten::architectures
