#include "api/pass_check.h"

#include <gmock/gmock.h>
#include <hasten/error.h>

#include "api/check_lengths.h"
#include "graph/dump.h"
#include "graph/model_metadata.h"

namespace hasten::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Each token sees those that are at most `window` away: attention without its weights.
graph::Graph windowed(const std::string& window, const std::string& length = "n",
                      const std::string& positions = "4096") {
  return graph::parse_text("input input_ids int64[b, " + length +
                           "]\n"
                           "const table float32[18, 1] = ...\nconst positions float32[" +
                           positions + R"(, 1] = ...
    const window int64[] = )" +
                           window + R"(
    const one int64[] = 1
    const zero int64[] = 0
    const first int64[1] = 0
    const second int64[1] = 1
    shape = Shape(input_ids)
    size = Gather(shape, one)
    tokens = Range(zero, size, one)
    down = Unsqueeze(tokens, second)
    across = Unsqueeze(tokens, first)
    signed = Sub(down, across)
    distance = Abs(signed)
    seen = LessOrEqual(distance, window)
    weights = Cast(seen) {to=1}
    words = Gather(table, input_ids)
    places = Gather(positions, tokens)
    embedded = Add(words, places)
    logits = MatMul(weights, embedded)
    output logits
  )");
}

const graph::Pass k_pass = {"some_pass", "", nullptr};

TEST(CheckLengths, ReachPastWindows) {
  EXPECT_THAT(check_lengths(windowed("64"), 8), ElementsAre(66));
  EXPECT_THAT(check_lengths(windowed("4"), 8), IsEmpty());
  EXPECT_THAT(check_lengths(windowed("64", "16"), 8), IsEmpty()) << "an export of one length";
}

TEST(CheckLengths, StayWithinTheModelsLength) {
  graph::Graph graph = windowed("64");
  graph::ModelMetadata metadata;
  metadata.labels = {"a"};
  metadata.max_length = 65;
  graph::write_metadata(metadata, graph.metadata);
  EXPECT_THAT(check_lengths(graph, 8), IsEmpty());
}

TEST(PassCheck, TriesTextsThatAreLongerThanWindows) {
  PassCheck check(windowed("64"));
  EXPECT_EQ(check.longest(), 66);
  EXPECT_NO_THROW(check.check(k_pass, windowed("64")));
  EXPECT_THROW(check.check(k_pass, windowed("2000")), Error);
  EXPECT_GT(check.difference_of("some_pass"), 0);
}

TEST(PassCheck, TriesShortTextsAlone) {
  PassCheck check(windowed("4"));
  EXPECT_EQ(check.longest(), 8);
  EXPECT_THROW(check.check(k_pass, windowed("5")), Error);
  EXPECT_EQ(PassCheck(windowed("64", "n", "40")).longest(), 8) << "the model has 40 positions";
}

}  // namespace
}  // namespace hasten::api
