#include "engine/float8_products.h"

#include <gtest/gtest.h>

namespace hasten::engine {
namespace {

Linear product(Program& program, Rows rows, std::int64_t inputs, std::int64_t outputs,
               Precision precision) {
  Linear linear;
  linear.weight.values = make_tensor<float>(
      {inputs, outputs}, std::vector<float>(static_cast<std::size_t>(inputs * outputs)));
  linear.precision = precision;
  linear.output = program.add_buffer(rows, outputs);
  return linear;
}

Precision precision_of(const Program& program, std::size_t instruction) {
  return std::get<Linear>(program.instructions[instruction]).precision;
}

TEST(Float8Products, AreThoseOfTokensInMultiplesOfSixteen) {
  Program program;
  program.instructions = {product(program, Rows::k_tokens, 32, 48, Precision::k_float8),
                          product(program, Rows::k_tokens, 32, 40, Precision::k_float8),
                          product(program, Rows::k_tokens, 8, 16, Precision::k_float8),
                          product(program, Rows::k_sequences, 32, 32, Precision::k_float8),
                          product(program, Rows::k_sequences, 32, 3, Precision::k_float8),
                          product(program, Rows::k_tokens, 32, 40, Precision::k_float16)};
  EXPECT_EQ(
      keep_from_float8(program),
      "fp8 takes products whose sizes are multiples of 16; bf16 computes those of 32x40, 8x16.");
  EXPECT_EQ(precision_of(program, 0), Precision::k_float8);
  for (std::size_t i = 1; i < 5; ++i)
    EXPECT_EQ(precision_of(program, i), Precision::k_bfloat16) << i;
  EXPECT_EQ(precision_of(program, 5), Precision::k_float16);
}

TEST(Float8Products, AreSilentWhereAllFit) {
  Program program;
  program.instructions = {product(program, Rows::k_tokens, 32, 48, Precision::k_float8),
                          product(program, Rows::k_sequences, 32, 3, Precision::k_float8)};
  EXPECT_EQ(keep_from_float8(program), "");
  EXPECT_EQ(precision_of(program, 1), Precision::k_bfloat16);
}

}  // namespace
}  // namespace hasten::engine
