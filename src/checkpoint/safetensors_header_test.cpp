#include "checkpoint/safetensors_header.h"

#include <gmock/gmock.h>

#include "checkpoint/expect_error_test.h"

namespace hasten::checkpoint {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

std::string entry_named(const std::string& name) {
  return "{\"" + name + R"(": {"data_offsets": [4, 12], "shape": [2, 1], "dtype": "F32"} })";
}

std::string name_in(const std::string& header) {
  const auto entries = parse_safetensors_header(header, "test");
  return entries.size() == 1 ? entries[0].name : "not one entry";
}

TEST(SafetensorsHeader, ReadsKeysInAnyOrder) {
  const auto entries = parse_safetensors_header(entry_named("a.weight"), "test");
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(entries[0].name, "a.weight");
  EXPECT_EQ(entries[0].dtype, "F32");
  EXPECT_EQ(entries[0].shape, (Dims{2, 1}));
  EXPECT_EQ(entries[0].begin, 4u);
  EXPECT_EQ(entries[0].end, 12u);
}

TEST(SafetensorsHeader, TakesNoTensorsAtAll) {
  EXPECT_THAT(parse_safetensors_header("{}", "test"), IsEmpty());
  EXPECT_THAT(parse_safetensors_header(R"({ "__metadata__" : { } } )", "test"), IsEmpty());
}

TEST(SafetensorsHeader, DecodesEscapes) {
  EXPECT_EQ(name_in(entry_named(R"(a\"\\\/\b\f\n\r\tz)")), "a\"\\/\b\f\n\r\tz");
  EXPECT_EQ(name_in(entry_named(R"(\u0041\u00e9\u20AC\ud83d\ude00)")), "A\u00e9\u20ac\U0001f600");
  EXPECT_EQ(name_in(entry_named("\u00e9\U0001f600")), "\u00e9\U0001f600");
}

TEST(SafetensorsHeader, NamesTheByteOfTheFile) {
  expect_error(ErrorCode::k_malformed, "model.safetensors, byte 11",
               [] { parse_safetensors_header(R"({"a)", "model.safetensors"); });
}

}  // namespace
}  // namespace hasten::checkpoint
