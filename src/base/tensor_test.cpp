#include "base/tensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace hasten {
namespace {

TEST(Tensor, OwnsWhatItWasMadeOf) {
  const Tensor tensor = make_tensor<float>({2, 2}, {1, 2, 3, 4});
  const Tensor copy = tensor;
  EXPECT_EQ(copy.bytes.data(), tensor.bytes.data());
  EXPECT_THAT(values_of<float>(copy), testing::ElementsAre(1, 2, 3, 4));
}

TEST(Tensor, ConvertsElements) {
  EXPECT_THAT(to_float64(make_tensor<float>({2}, {0.5F, -1})), testing::ElementsAre(0.5, -1));
  EXPECT_THAT(to_int64(make_tensor<std::int32_t>({2}, {7, -7})), testing::ElementsAre(7, -7));
  EXPECT_THROW(to_int64(make_tensor<float>({1}, {1})), Error);
  EXPECT_THROW(to_float32(make_tensor<std::int64_t>({1}, {1})), Error);
}

TEST(Tensor, ReadsUnalignedBytes) {
  std::vector<std::byte> bytes(9);
  const float value = 2.5F;
  std::copy_n(reinterpret_cast<const std::byte*>(&value), 4, bytes.begin() + 1);
  const Tensor tensor =
      make_view("t", DType::k_float32, {1}, std::span(bytes).subspan(1, 4), nullptr);
  EXPECT_THAT(to_float32(tensor), testing::ElementsAre(2.5F));
}

TEST(Tensor, AViewOfTheWrongLengthIsRefused) {
  const std::vector<std::byte> bytes(8);
  EXPECT_THROW(make_view("t", DType::k_float32, {3}, bytes, nullptr), Error);
  EXPECT_THROW(make_view("t", DType::k_float32, {-2}, bytes, nullptr), Error);
  // 2^62 * 4 elements wrap to 0 in 64 bits.
  EXPECT_THROW(make_view("t", DType::k_float32, {1LL << 62, 4}, {}, nullptr), Error);
}

TEST(Shape, CountsElementsWithoutWrapping) {
  EXPECT_EQ(element_count(std::vector<std::int64_t>{}), 1);
  EXPECT_EQ(element_count(std::vector<std::int64_t>{3, 0}), 0);
  EXPECT_EQ(element_count(std::vector<std::int64_t>{1LL << 40, 1LL << 40}), std::nullopt);
}

}  // namespace
}  // namespace hasten
