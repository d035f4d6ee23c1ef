#include "base/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.h"

namespace hasten {
namespace {

TEST(Json, ReadsEveryKindOfValue) {
  const Json json = Json::parse(R"({"a": [1, 2.5, "x", true, null], "b": {"c": -3}})", "test");
  const auto& items = json["a"].as_array("a");
  EXPECT_EQ(items[0].as_integer("0"), 1);
  EXPECT_EQ(items[1].as_number("1"), 2.5);
  EXPECT_EQ(items[2].as_string("2"), "x");
  EXPECT_TRUE(items[3].as_bool("3"));
  EXPECT_TRUE(items[4].is_null());
  EXPECT_EQ(json["b"].get_integer("c", 0), -3);
  EXPECT_EQ(json["b"].get_integer("d", 7), 7);
  EXPECT_TRUE(json["absent"]["deeper"].is_null());
}

TEST(Json, TheLastOfRepeatedKeysCounts) {
  EXPECT_EQ(Json::parse(R"({"a": 1, "a": 2})", "test")["a"].as_integer("a"), 2);
}

TEST(Json, WholeNumbersInFloatingFormAreIntegers) {
  EXPECT_EQ(Json::parse("128.0", "test").as_integer("n"), 128);
  EXPECT_THROW(Json::parse("1e30", "test").as_integer("n"), Error);
  EXPECT_THROW(Json::parse("1.5", "test").as_integer("n"), Error);
}

TEST(Json, IntegersBeyond64BitsAreNumbers) {
  const Json json = Json::parse(
      R"({"no limit": 1000000000000000019884624838656, "negative": [-99999999999999999999],
          "fraction": 0.1234567890123456789012, "power": 1e0000000000000000000002,
          "text \" 99999999999999999999": "99999999999999999999"})",
      "test");
  EXPECT_EQ(json["no limit"].as_number("no limit"), 1e30);
  EXPECT_EQ(json["negative"].as_array("negative")[0].as_number("item"), -1e20);
  EXPECT_EQ(json["fraction"].as_number("fraction"), 0.1234567890123456789012);
  EXPECT_EQ(json["power"].as_number("power"), 100.0);
  EXPECT_EQ(json["text \" 99999999999999999999"].as_string("text"), "99999999999999999999");
  EXPECT_THROW(json["no limit"].as_integer("no limit"), Error);
  EXPECT_THROW(Json::parse("[99999999999999999999, 1e999]", "test"), Error);
}

TEST(Json, BrokenTextIsMalformedAndNamesItsFile) {
  for (const char* text : {"", "{", "[1,]", "{\"a\" 1}", "nul", "\"\xff\"", "NaN", "1 2"}) {
    try {
      Json::parse(text, "config.json");
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::k_malformed) << text;
      EXPECT_EQ(error.details().where, "config.json");
    }
  }
}

TEST(Json, EmptyTextIsMalformed) {
  EXPECT_THROW(Json::parse(std::string_view(), "test"), Error);
}

TEST(Json, DeepNestingIsRefusedAndDoesNotOverflowTheStack) {
  EXPECT_THROW(Json::parse(std::string(100'000, '['), "test"), Error);
}

TEST(JsonWriter, EscapesWhatALineReaderWouldSplitAt) {
  std::string out;
  append_json_string(out, "a\"\\\n\x01\xC2\x85\xE2\x80\xA8\xE2\x80\xA9\xC3\xA9");
  EXPECT_EQ(out, "\"a\\\"\\\\\\n\\u0001\\u0085\\u2028\\u2029\xC3\xA9\"");
}

TEST(JsonWriter, NumbersReadBackAsThemselves) {
  for (const float value : {0.1F, -1.36428857F, 1.25e-38F, 3.4e38F, 5.0F}) {
    std::string out;
    append_json_number(out, value);
    EXPECT_EQ(std::stof(out), value) << out;
  }
  std::string out;
  append_json_number(out, std::nanf(""));
  append_json_number(out, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(out, "\"NaN\"\"-Infinity\"");
}

TEST(JsonWriter, ATreeReadsBackAsItself) {
  const std::string text = R"({"a": [1, 2.5, "x", true, null], "b": {}})";
  EXPECT_EQ(to_string(Json::parse(text, "test")), text);
}

}  // namespace
}  // namespace hasten
