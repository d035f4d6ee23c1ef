// Against what tokenizers 0.22.2 reads and writes back as Unigram scores.
#include "tokenizer/serde_number.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace hasten::tokenizer {
namespace {

struct Case {
  const char* number;
  double value;
};

TEST(SerdeNumber, IsAnUlpBesideTheNearestDoubleWhereTheOriginalIs) {
  constexpr Case cases[] = {
      {"-6.8323640562241549909", -0x1.b54573e3f6504p+2},
      {"-9.542124720198603", -0x1.315915f0f365ap+3},
      {"-11.476200753292612652064279287757", -0x1.6f3d095cb71d7p+3},
      {"-7.2309640707620088", -0x1.cec81d869e53cp+2},
      {"-0.431014599837811358", -0x1.b95be4299b92ap-2},
  };
  for (const Case& test : cases) {
    EXPECT_EQ(parse_serde_number(test.number), test.value) << test.number;
    EXPECT_NE(std::strtod(test.number, nullptr), test.value) << "this case shows nothing";
  }
}

TEST(SerdeNumber, ReadsEveryFormOfJson) {
  constexpr Case cases[] = {
      {"0", 0},
      {"-5", -5},
      {"1e5", 1e5},
      {"1.5e-3", 0x1.89374bc6a7efap-10},
      {"2E+2", 200},
      {"18446744073709551615", 0x1p64},
      {"18446744073709551616", 0x1p64},
      {"184467440737095516159.5", 0x1.4p67},
      {"-1e-400", 0},
      {"0e999999999999", 0},
      {"0.1e-350", 0},
      {"1e-99999999999", 0},
      {"123456789012345678901234567890e-10", 0x1.56a95319d63e1p63},
      {"1.7976931348623157e308", 0x1.fffffffffffffp1023},
      {"5e-324", 0x0.0000000000001p-1022},
      {"2.2250738585072014e-308", 0x1p-1022},
  };
  for (const Case& test : cases)
    EXPECT_EQ(parse_serde_number(test.number), test.value) << test.number;
}

TEST(SerdeNumber, RefusesWhatNoDoubleHolds) {
  for (const char* number : {"1e309", "1e9999999999", "123456789e305"}) {
    EXPECT_EQ(parse_serde_number(number), std::nullopt) << number;
  }
}

}  // namespace
}  // namespace hasten::tokenizer
