#include "graph/dump.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "graph/verify.h"

namespace hasten::graph {
namespace {

using testing::HasSubstr;

constexpr std::string_view k_every_form = R"(opset 17
opset com.microsoft 1
input x float32[batch_size, 2, ?]
input flag bool
const w float32[2, 2] = 1.0 -2.5 1e-10 nan
const "odd name, \"quoted\"" int64[2] = -3 9223372036854775807
const scalar float16[] = 0.5
const large int8[3, 3] = ...
const empty float32[0] =
a float32[batch_size, 2, ?], _, b = com.microsoft.Thing(x, _, w) {axes=[], axis=-1, epsilon=1e-05, f=[1.0, inf], mode="t\"", none=floats[], strings=["a", "b"], value=tensor(int64[2] = 1 2)}
c ?[2] = If(flag, a) {hasten.captured=1, then_branch=graph{opset 17; input a float32; y = Exp(a); output y; }}
output b
output c
)";

TEST(Dump, ReadsBackWhatItWrites) {
  const Graph graph = parse_text(k_every_form);
  EXPECT_EQ(dump(graph), k_every_form);
}

TEST(Dump, WritesNoUnfinishedShapes) {
  const Graph graph = parse_text(k_every_form);
  const Value& a = graph.value(graph.find_value("a"));
  ASSERT_TRUE(a.shape);
  EXPECT_EQ((*a.shape)[0].name, "batch_size");
  EXPECT_EQ((*a.shape)[1].size, 2);
  EXPECT_EQ((*a.shape)[2], Dim{});
  const Value& c = graph.value(graph.find_value("c"));
  EXPECT_FALSE(c.dtype);
  EXPECT_FALSE(graph.value(graph.find_value("flag")).shape);
}

TEST(ParseText, InventsTheSameWeightsForTheSameName) {
  const auto weights = [](const std::string& name) {
    const Graph graph = parse_text("const " + name + " float32[3, 5] = ...");
    return to_float32(*graph.value(graph.find_value(name)).constant);
  };
  EXPECT_EQ(weights("a"), weights("a"));
  EXPECT_NE(weights("a"), weights("b"));
  for (const float weight : weights("a")) EXPECT_LE(std::abs(weight), 0.5F);
}

TEST(ParseText, UnderstandsCommentsAndBrokenLines) {
  const Graph graph = parse_text(R"(
    # a comment
    opset 13
    input x float32[n]   # another
    y = Clip(x,
             _) {
      a=1,
      b=[1,
         2]
    }
    output y
  )");
  EXPECT_EQ(graph.opsets.at(""), 13);
  EXPECT_EQ(graph.node(graph.order()[0]).integers("b", {}), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(graph.node(graph.order()[0]).inputs[1], k_no_value);
}

TEST(ParseText, NamesTheLineOfADefect) {
  const auto message = [](std::string_view text) -> std::string {
    try {
      parse_text(text);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::k_malformed);
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(message("input x float32[n]\ny = Exp(z)"), HasSubstr("line 2"));
  EXPECT_THAT(message("input x float32[n]\ninput x float32"), HasSubstr("two values named x"));
  EXPECT_THAT(message("input x"), HasSubstr("element type"));
  EXPECT_THAT(message("const x float32[2] = 1"), HasSubstr("a number is expected"));
  EXPECT_THAT(message("const x float32[1000000, 1000000] = ..."), HasSubstr("too large"));
  EXPECT_THAT(message("input x float32[n]\ny = Exp(x) {a=\"b}"), HasSubstr("does not end"));
  EXPECT_THAT(message("input x float32[n]\ny = Exp(x) {a=[1, 2.0]}"), HasSubstr("several types"));
  EXPECT_THAT(message("input x float32[n]\ny = Exp(x"), HasSubstr("line 2"));
  EXPECT_THAT(message("input x float32[n] y"), HasSubstr("should end"));
  std::string deep;
  for (int level = 0; level < 1000; ++level) deep += "= A() {a=graph{";
  EXPECT_THAT(message(deep), HasSubstr("nested too deep"));
}

}  // namespace
}  // namespace hasten::graph
