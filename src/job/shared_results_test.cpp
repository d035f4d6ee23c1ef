#include "job/shared_results.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "api/model_source.h"
#include "api/open_classifier.h"
#include "data/file_store.h"
#include "data/test_folder.h"

namespace hasten::job {
namespace {

using testing::SizeIs;

const classifier::TextClassifier& bundled_model() {
  static const auto k_classifier = [] {
    return classifier::TextClassifier::open(
        api::build_from_checkpoint(HASTEN_SOURCE_DIR "/examples/tweet-sentiment", {}), {});
  }();
  return *k_classifier;
}

// One run of a job: labels texts as one block.
struct TaskRun {
  explicit TaskRun(data::FileStore& store, std::string arithmetic = {})
      : plan(plan_of(std::move(arithmetic))),
        folder(store),
        pipeline(std::span(&model, 1), plan.pipeline),
        shared(plan, folder, pipeline) {}

  static LabelPlan plan_of(std::string arithmetic) {
    LabelPlan plan;
    plan.job.settings = {{"model", "bundled"}};
    plan.job.inputs.resize(2);  // of which none is done
    plan.arithmetic = std::move(arithmetic);
    plan.share_interval = std::chrono::seconds(0);
    plan.pipeline.dedup = pipeline::DedupScope::k_global;
    plan.pipeline.keep_results = true;
    return plan;
  }

  // The scores, and how many texts were computed for them.
  std::pair<std::vector<float>, std::uint64_t> label(const std::vector<std::string>& texts) {
    bool given = false;
    std::vector<float> scores;
    const std::uint64_t before = pipeline.counters().forward_texts;
    pipeline.run(
        [&](pipeline::Block& block) {
          if (std::exchange(given, true)) return false;
          for (const std::string& text : texts) block.rows.emplace_back().text = text;
          return true;
        },
        [&](pipeline::Block& block) { scores = block.scores.scores; });
    return {scores, pipeline.counters().forward_texts - before};
  }

  pipeline::BulkModel model{&bundled_model(), {0, 2}};
  LabelPlan plan;
  JobFolder folder;
  pipeline::BlockPipeline pipeline;
  SharedResults shared;
};

class SharedResultsTest : public data::FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    store_ = data::open_local_store(folder_);
  }
  std::vector<std::string> segments() const { return store_->list(JobFolder::k_results); }

  std::unique_ptr<data::FileStore> store_;
};

TEST_F(SharedResultsTest, WhatOneRunComputedAnotherDoesNot) {
  TaskRun first(*store_), second(*store_);
  const auto [scores, computed] = first.label({"good", "bad", "good"});
  EXPECT_EQ(computed, 2u);
  EXPECT_THAT(segments(), SizeIs(0));
  first.shared.exchange();
  EXPECT_THAT(segments(), SizeIs(1));
  second.shared.exchange();
  EXPECT_EQ(second.shared.received(), 2u);
  EXPECT_EQ(second.label({"good", "bad", "good"}), std::pair(scores, std::uint64_t{0}));
  EXPECT_EQ(second.label({"good", "new"}).second, 1u);
  second.shared.exchange();
  first.shared.exchange();
  EXPECT_EQ(first.label({"new"}).second, 0u);
  EXPECT_EQ(first.shared.received(), 1u) << "its own segments are not read";
  TaskRun third(*store_);
  third.shared.receive();
  EXPECT_EQ(third.shared.received(), 3u);
}

TEST_F(SharedResultsTest, NothingIsPublishedTwiceOrWithoutNeed) {
  TaskRun run(*store_);
  run.label({"good"});
  run.shared.exchange();
  run.shared.exchange();
  run.shared.publish_rest();
  EXPECT_THAT(segments(), SizeIs(1));
  run.label({"bad"});
  run.shared.publish_rest();
  EXPECT_THAT(segments(), SizeIs(2));
  run.label({"new"});
  for (const char* part : {"a", "b"}) {
    PartRecord record;
    record.part = part;
    run.folder.record_part(record);
  }
  run.shared.publish_rest();
  EXPECT_THAT(segments(), SizeIs(2)) << "all parts are there";
}

TEST_F(SharedResultsTest, ResultsOfOtherArithmeticAreNotTaken) {
  TaskRun here(*store_, "cpu, avx512_bf16"), there(*store_, "cpu, avx2");
  here.label({"good"});
  here.shared.exchange();
  there.shared.exchange();
  EXPECT_EQ(there.shared.received(), 0u);
}

TEST_F(SharedResultsTest, DamagedSegmentsArePassedOver) {
  TaskRun first(*store_);
  for (const char* text : {"one", "two", "three", "four"}) {
    first.label({text});
    first.shared.exchange();
  }
  const auto names = segments();
  ASSERT_THAT(names, SizeIs(4));
  const auto path = [&](std::size_t index) { return folder_ / names[index]; };
  std::filesystem::resize_file(path(0), std::filesystem::file_size(path(0)) / 2);
  std::filesystem::resize_file(path(1), std::size_t{1} << 40);  // with a hole
  std::fstream(path(2), std::ios::in | std::ios::out).seekp(150).put('x');
  std::ofstream(path(3).parent_path() / "other") << "what is this";
  std::filesystem::create_symlink("/nowhere", path(3).parent_path() / "gone");
  TaskRun second(*store_);
  second.shared.receive();
  EXPECT_EQ(second.shared.received(), 1u);
  EXPECT_EQ(second.label({"one", "two", "three", "four"}).second, 3u);
}

TEST_F(SharedResultsTest, ARunThatOutlivesItsJobLeavesNothing) {
  TaskRun run(*store_);
  run.label({"good"});
  store_->create("_SUCCESS")->commit();
  run.shared.exchange();
  EXPECT_THAT(segments(), SizeIs(0));
}

TEST_F(SharedResultsTest, AStoppedRunReadsNoMore) {
  TaskRun first(*store_), second(*store_);
  first.label({"good"});
  first.shared.exchange();
  const std::atomic<bool> stop = true;
  second.plan.pipeline.stop = &stop;
  second.shared.receive();
  EXPECT_EQ(second.shared.received(), 0u);
}

}  // namespace
}  // namespace hasten::job
