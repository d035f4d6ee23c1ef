// Attention with operands rounded to bfloat16, where this machine has it or emulates it: against
// double precision of the rounded operands.
#include <gtest/gtest.h>

#include "base/half.h"
#include "engine/cpu/isa/attention_case_for_tests.h"
#include "engine/cpu/isa/tables_for_tests.h"

namespace hasten::engine::cpu {
namespace {

using reference::AttentionCase;

double rounded(double value) {
  return bfloat16_to_float(float_to_bfloat16(static_cast<float>(value)));
}

std::vector<const KernelTable*> tables() {
  std::vector<const KernelTable*> tables = tables_for_tests();
  std::erase_if(tables, [](const KernelTable* table) { return table->bfloat16.attend == nullptr; });
  return tables;
}

std::vector<float> attend(const AttentionCase& c, const KernelTable& table) {
  return c.run(table.bfloat16.attend, bfloat16_attention_scratch(c.keys, c.head_size));
}

void expect_reference(const AttentionCase& c) {
  const std::vector<double> expected = c.expected(rounded);
  for (const KernelTable* table : tables()) {
    const std::vector<float> output = attend(c, *table);
    for (std::size_t i = 0; i < output.size(); ++i) {
      // A weight may be rounded the other way.
      ASSERT_NEAR(output[i], expected[i], 4e-3)
          << table->name << " " << c.queries << " " << c.keys << " " << c.head_size;
    }
  }
}

TEST(Bfloat16Attend, EqualsDoublePrecisionOfRoundedOperands) {
  if (tables().empty()) GTEST_SKIP() << "this processor has no bfloat16 product";
  unsigned seed = 0;
  for (const std::size_t head_size : {1U, 5U, 16U, 26U, 32U, 64U, 70U, 130U}) {
    for (const std::size_t length : {1U, 2U, 13U, 33U, 64U, 65U, 130U}) {
      expect_reference({length, length, head_size, seed += 3, 1});
      expect_reference({1, length, head_size, seed += 3, 1});
    }
  }
}

TEST(Bfloat16Attend, OfOneQueryHasTheBitsOfTheSameQueryAmongMany) {
  if (tables().empty()) GTEST_SKIP() << "this processor has no bfloat16 product";
  for (const KernelTable* table : tables()) {
    const AttentionCase many(70, 70, 32, 11, 1);
    AttentionCase first = many;
    first.queries = 1;
    const std::vector<float> all = attend(many, *table);
    EXPECT_EQ(attend(first, *table), std::vector<float>(all.begin(), all.begin() + 32));
  }
}

}  // namespace
}  // namespace hasten::engine::cpu
