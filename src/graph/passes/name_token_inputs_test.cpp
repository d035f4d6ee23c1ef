#include "graph/passes/name_token_inputs.h"

#include <gmock/gmock.h>

#include "graph/dump.h"

namespace hasten::graph {
namespace {

using testing::ElementsAre;

// Words, types, positions and a mask under names of an exporter's own.
std::vector<std::string> names_after(std::array<std::string, 4> names) {
  Graph graph =
      parse_text("input " + names[0] + " int64[b, n]\ninput " + names[1] + " int64[b, n]\ninput " +
                 names[2] + " int32[b, n]\ninput " + names[3] + " int64[b, n]\n" + R"(
    const words float32[200, 2] = ...
    const types float32[2, 2] = ...
    const positions float32[40, 2] = ...
    const axis int64[1] = 2
    kept = Cast()" +
                 names[0] + R"() {to=1}
    mask = Unsqueeze(kept, axis)
    t = Gather(types, )" +
                 names[1] + R"()
    narrow = Cast()" +
                 names[2] + R"() {to=7}
    w = Gather(words, narrow)
    p = Gather(positions, )" +
                 names[3] + R"()
    s = Add(w, t)
    e = Add(s, p)
    y = Mul(e, mask)
    output y
  )");
  name_token_inputs(graph);
  std::vector<std::string> found;
  for (const ValueId input : graph.inputs()) found.push_back(graph.value(input).name);
  return found;
}

TEST(NameTokenInputs, ByWhatTheyDo) {
  const auto expected =
      ElementsAre("attention_mask", "token_type_ids", "input_ids", "position_ids");
  EXPECT_THAT(names_after({"input_mask", "segment_ids", "ids", "position"}), expected);
  EXPECT_THAT(names_after({"input.1", "input.2", "input.3", "input.4"}), expected);
  EXPECT_THAT(names_after({"args_0", "args_1", "input_ids", "args_2"}), expected);
  EXPECT_THAT(names_after({"msk", "segs", "tok", "position"}), expected);
  EXPECT_THAT(names_after({"x", "b", "input", "c1"}), expected);
}

TEST(NameTokenInputs, NotAgainstANamesMeaning) {
  EXPECT_THAT(names_after({"input_mask", "langs", "input_ids", "position_ids"}),
              ElementsAre("input_mask", "langs", "input_ids", "position_ids"));
  EXPECT_THAT(names_after({"segs", "msk", "ids", "position"}),
              ElementsAre("segs", "msk", "ids", "position"));
  EXPECT_THAT(names_after({"the_mask", "segs", "ids", "pos"}),  // parts of speech, maybe
              ElementsAre("the_mask", "segs", "ids", "pos"));
}

}  // namespace
}  // namespace hasten::graph
