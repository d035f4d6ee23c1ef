// Templates and truncation of tokenizers 0.22.2, and truncation of transformers' own tokenizers.
#include "tokenizer/post_processor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace hasten::tokenizer {
namespace {

using testing::ElementsAre;

const std::vector<std::int32_t> k_first = {10, 11};
const std::vector<std::int32_t> k_second = {20};

TEST(PostProcessor, BertTypesTheSecondTextAndItsSeparator) {
  const PostProcessor bert = make_bert_processor({1}, {2});
  Encoding out;
  bert.apply(k_first, nullptr, true, out);
  EXPECT_THAT(out.ids, ElementsAre(1, 10, 11, 2));
  bert.apply(k_first, &k_second, true, out);
  EXPECT_THAT(out.ids, ElementsAre(1, 10, 11, 2, 20, 2));
  EXPECT_THAT(out.type_ids, ElementsAre(0, 0, 0, 0, 1, 1));
  bert.apply(k_first, &k_second, false, out);
  EXPECT_THAT(out.ids, ElementsAre(10, 11, 20));
  EXPECT_EQ(bert.special_token_count(true), 3);
}

TEST(PostProcessor, RobertaDoublesTheSeparatorAndXlnetEndsInItsClass) {
  Encoding out;
  make_roberta_processor({1}, {2}).apply(k_first, &k_second, true, out);
  EXPECT_THAT(out.ids, ElementsAre(1, 10, 11, 2, 2, 20, 2));
  EXPECT_THAT(out.type_ids, ElementsAre(0, 0, 0, 0, 0, 0, 0));
  make_xlnet_processor({1}, {2}).apply(k_first, &k_second, true, out);
  EXPECT_THAT(out.ids, ElementsAre(10, 11, 2, 20, 2, 1));
  EXPECT_THAT(out.type_ids, ElementsAre(0, 0, 0, 1, 1, 2));
}

TEST(Truncation, CutsFromEitherEnd) {
  std::vector<std::int32_t> ids = {1, 2, 3, 4};
  EXPECT_FALSE(truncate(ids, 4, false));
  EXPECT_TRUE(truncate(ids, 3, false));
  EXPECT_THAT(ids, ElementsAre(1, 2, 3));
  EXPECT_TRUE(truncate(ids, 2, true));
  EXPECT_THAT(ids, ElementsAre(2, 3));
  EXPECT_TRUE(truncate(ids, 0, true));
  EXPECT_THAT(ids, ElementsAre());
}

std::pair<std::size_t, std::size_t> lengths_of(std::size_t first, std::size_t second,
                                               std::size_t budget, bool in_python) {
  std::vector<std::int32_t> a(first), b(second);
  truncate_pair(a, b, budget, false, in_python);
  return {a.size(), b.size()};
}

TEST(Truncation, LongestFirstOfThePackage) {
  using Lengths = std::pair<std::size_t, std::size_t>;
  EXPECT_EQ(lengths_of(40, 30, 7, false), Lengths(4, 3));
  EXPECT_EQ(lengths_of(30, 40, 7, false), Lengths(3, 4));
  EXPECT_EQ(lengths_of(2, 40, 7, false), Lengths(2, 5));
  EXPECT_EQ(lengths_of(40, 2, 7, false), Lengths(5, 2));
  EXPECT_EQ(lengths_of(3, 4, 7, false), Lengths(3, 4));
}

// The longer one loses a token at a time, the second at a tie: counted out, not computed.
TEST(Truncation, LongestFirstOfPython) {
  for (std::size_t first = 0; first < 12; ++first) {
    for (std::size_t second = 0; second < 12; ++second) {
      for (std::size_t budget = 0; budget < 24; ++budget) {
        std::size_t a = first, b = second;
        while (a + b > budget) --(a > b ? a : b);
        EXPECT_EQ(lengths_of(first, second, budget, true), std::pair(a, b))
            << first << " " << second << " " << budget;
      }
    }
  }
}

}  // namespace
}  // namespace hasten::tokenizer
