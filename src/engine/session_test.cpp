// Exports that fixed a size or named their inputs otherwise, opened on the generic engine.
#include "engine/session.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "graph/dump.h"

namespace hasten::engine {
namespace {

using testing::ElementsAreArray;
using testing::FloatNear;
using testing::HasSubstr;
using testing::Pointwise;

// The mean of the words' rows, by the mask, under inputs of any name and size.
std::string mean_classifier(const std::string& dims, const std::string& ids = "input_ids",
                            const std::string& mask = "attention_mask") {
  return "input " + mask + " int64[" + dims + "]\ninput " + ids + " int64[" + dims + "]\n" + R"(
    const words float32[5, 2] = 0.5 1 -2 3 4 -1 0.25 7 -3 2
    const head float32[2, 3] = 1 -1 0.5 2 0.25 -3
    const column int64[1] = 2
    x = Gather(words, )" +
         ids + R"()
    weights = Cast()" +
         mask + R"() {to=1}
    apart = Unsqueeze(weights, column)
    kept = Mul(x, apart)
    const tokens int64[1] = 1
    sum = ReduceSum(kept, tokens) {keepdims=0}
    count = ReduceSum(apart, tokens) {keepdims=0}
    mean = Div(sum, count)
    y = MatMul(mean, head)
    output y
  )";
}

std::unique_ptr<const Session> open(const std::string& text) {
  SessionOptions options;
  options.exact = true;
  return Session::open(graph::parse_text(text), options);
}

// Of texts of one token, of four and of two.
std::vector<float> logits_of(const Session& session) {
  const std::vector<std::int32_t> ids = {1, 4, 3, 2, 1, 0, 2}, types(7, 0), offsets = {0, 1, 5, 7};
  std::vector<float> logits(3 * static_cast<std::size_t>(session.class_count()));
  session.make_stream({})->run({ids, types, offsets}, logits);
  return logits;
}

TEST(Session, PadsTextsForAnExportOfOneLength) {
  const auto any = open(mean_classifier("batch, n"));
  EXPECT_EQ(any->position_limit(), 0);
  for (const char* dims : {"batch, 4", "1, 6", "3, n", "2, 5"}) {
    const auto fixed = open(mean_classifier(dims));
    EXPECT_EQ(fixed->class_count(), 3) << dims;
    EXPECT_THAT(logits_of(*fixed), Pointwise(FloatNear(1e-6F), logits_of(*any))) << dims;
  }
}

TEST(Session, TakesNoLongerTextsThanAnExportOfOneLength) {
  EXPECT_EQ(open(mean_classifier("batch, 6"))->position_limit(), 6);
  EXPECT_EQ(open(mean_classifier("2, n"))->position_limit(), 0);
}

TEST(Session, NeedsAMaskToPad) {
  const std::string text = R"(
    input input_ids int64[batch, 4]
    const words float32[5, 2] = ...
    const tokens int64[1] = 1
    x = Gather(words, input_ids)
    y = ReduceSum(x, tokens) {keepdims=0}
    output y
  )";
  try {
    open(text);
    FAIL() << "opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::k_unsupported);
    EXPECT_THAT(error.what(), HasSubstr("exactly 4 tokens"));
  }
}

TEST(Session, NamesInputsForTheGenericEngine) {
  const auto expected = logits_of(*open(mean_classifier("batch, n")));
  const auto renamed = open(mean_classifier("batch, n", "input.2", "input.1"));
  EXPECT_THAT(logits_of(*renamed), ElementsAreArray(expected));
  // A mask under another name is one to pad by as well.
  const auto fixed = open(mean_classifier("1, 4", "args_0", "args_1"));
  EXPECT_THAT(logits_of(*fixed), Pointwise(FloatNear(1e-6F), expected));
}

TEST(Session, KeepsTheLogitsAmongTheOutputs) {
  const auto expected = logits_of(*open(mean_classifier("batch, n")));
  const auto session = open(mean_classifier("batch, n") + "output x\np = Softmax(y)\noutput p\n");
  EXPECT_THAT(logits_of(*session), ElementsAreArray(expected));
}

TEST(Session, ComputesStoredWeightsOnTheGenericEngineToo) {
  SessionOptions options;
  options.precision.as_stored = true;
  const std::string slow = mean_classifier("batch, n") + "logits = Softsign(y)\noutput logits\n";
  const auto session = Session::open(graph::parse_text(slow), options);
  EXPECT_NE(session->obstacle(), "");
}

std::vector<float> run(Stream& stream, const std::vector<std::int32_t>& ids,
                       const std::vector<std::int32_t>& offsets) {
  const std::vector<std::int32_t> types(ids.size());
  std::vector<float> logits(3 * (offsets.size() - 1));
  stream.run({ids, types, offsets}, logits);
  return logits;
}

// The threads that shared a text whose word there is none of are free for the texts after it.
TEST(Session, GoesOnAfterATextThatTheGenericEngineCannotCompute) {
  const std::string slow = mean_classifier("batch, n") + "logits = Softsign(y)\noutput logits\n";
  const auto session = Session::open(graph::parse_text(slow), {});
  ASSERT_NE(session->obstacle(), "");
  const std::vector<std::int32_t> ids(600, 3);
  const std::vector<std::int32_t> offsets = {0, 300, 600};
  const auto expected = run(*session->make_stream({}), ids, offsets);
  StreamOptions options;
  options.threads = 2;
  const auto stream = session->make_stream(options);
  EXPECT_THROW(run(*stream, {99}, {0, 1}), Error);
  EXPECT_EQ(run(*stream, ids, offsets), expected);
}

}  // namespace
}  // namespace hasten::engine
