#include "checkpoint/quote_name.h"

#include <gtest/gtest.h>

namespace hasten::checkpoint {
namespace {

TEST(QuoteName, ShowsPlainNamesAsTheyAre) {
  EXPECT_EQ(quote_name("a.weight"), "'a.weight'");
}

TEST(QuoteName, HidesWhatATerminalWouldObey) {
  EXPECT_EQ(quote_name("a\x1b[2J\n"), "'a?[2J?'");
  EXPECT_EQ(quote_name("\xff"), "'?'");
}

TEST(QuoteName, CutsLongNames) {
  EXPECT_EQ(quote_name(std::string(81, 'x')), "'" + std::string(80, 'x') + "...'");
}

TEST(TensorName, IsShortPrintableUtf8) {
  EXPECT_TRUE(is_tensor_name("bert.embeddings.LayerNorm.weight"));
  EXPECT_TRUE(is_tensor_name("\u00e9"));
  EXPECT_FALSE(is_tensor_name(""));
  EXPECT_FALSE(is_tensor_name("a\nb"));
  EXPECT_FALSE(is_tensor_name("\xff"));
  EXPECT_FALSE(is_tensor_name(std::string(1001, 'x')));
}

}  // namespace
}  // namespace hasten::checkpoint
