#include "engine/generic/dependence.h"

#include <gtest/gtest.h>

#include "graph/dump.h"

namespace hasten::engine::generic {
namespace {

Dependence of(const std::string& lines) {
  const graph::Graph graph = graph::parse_text(
      "input input_ids int64[b, n]\ninput attention_mask int64[b, n]\n"
      "const table float32[4, 2] = 1 2 3 4 5 6 7 8\nconst two int64[1] = 2\n" +
      lines + "\noutput z");
  return dependences_of(graph)[static_cast<std::size_t>(graph.find_value("z"))];
}

TEST(Dependence, MasksAndShapesOfInputsFollowFromTheLength) {
  EXPECT_EQ(of("z = Cast(attention_mask) {to=1}"), Dependence::k_length);
  EXPECT_EQ(of("z = Shape(input_ids)"), Dependence::k_length);
  EXPECT_EQ(of("s = Shape(input_ids)\nz = ConstantOfShape(s)"), Dependence::k_length);
}

TEST(Dependence, IdsAndWhatIsComputedOfThemAreOfTheText) {
  EXPECT_EQ(of("z = Gather(table, input_ids)"), Dependence::k_text);
  EXPECT_EQ(of("z = Add(input_ids, attention_mask)"), Dependence::k_text);
  EXPECT_EQ(of("z = NonZero(input_ids)"), Dependence::k_text);
  EXPECT_EQ(of("e = Equal(input_ids, two)\nf = NonZero(e)\ns = Shape(f)\nz = ConstantOfShape(s)"),
            Dependence::k_text);
}

// Its shape is there only when it has been computed.
TEST(Dependence, ShapesOfWhatIsComputedForATextAreOfTheText) {
  EXPECT_EQ(of("r = Gather(table, input_ids)\nz = Shape(r)"), Dependence::k_text);
}

TEST(Dependence, ConstantsStayConstants) {
  EXPECT_EQ(of("z = Add(two, two)"), Dependence::k_constant);
}

}  // namespace
}  // namespace hasten::engine::generic
