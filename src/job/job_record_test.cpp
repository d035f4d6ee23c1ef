#include "job/job_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hasten/error.h>

namespace hasten::job {
namespace {

JobRecord example() {
  return {{{"precision of score", "int8"}, {"limit", ""}},
          {{"a.csv", 10, "a.parquet"}, {"b/c.csv", 20, "b/c.parquet"}}};
}

// The error of comparing, or nothing.
std::string difference(const JobRecord& recorded, const JobRecord& current, ErrorCode code) {
  try {
    check_same_job(recorded, current, "job.json");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
    return error.details().cause;
  }
  return {};
}

TEST(JobRecord, ComesBackAsItWas) {
  const JobRecord back = parse_job_record(to_json(example()), "job.json");
  EXPECT_EQ(back.settings, example().settings);
  EXPECT_EQ(back.inputs, example().inputs);
  EXPECT_EQ(to_json(back), to_json(example()));
}

TEST(JobRecord, DamagedOnesAreRefused) {
  for (const char* text :
       {"", "{", "{}", R"({"version": 2, "settings": {}, "inputs": []})",
        R"({"version": 1, "settings": [], "inputs": []})",
        R"({"version": 1, "settings": {}, "inputs": [{"name": "a"}]})",
        R"({"version": 1, "settings": {}, "inputs": [{"name": "a", "bytes": -1, "part": "b"}]})"}) {
    EXPECT_THROW(parse_job_record(text, "job.json"), Error) << text;
  }
}

TEST(JobRecord, TheSameJobIsTheSame) {
  EXPECT_EQ(difference(example(), example(), ErrorCode::k_internal), "");
}

TEST(JobRecord, SaysWhichSettingsDiffer) {
  JobRecord current = example();
  current.settings = {{"precision of score", "fp32"}, {"limit", "5"}, {"new", "x"}};
  EXPECT_EQ(difference(example(), current, ErrorCode::k_usage),
            "precision of score was int8 and is fp32; limit was not given and is 5; new was not "
            "given and is x");
}

TEST(JobRecord, SaysWhichInputsDiffer) {
  JobRecord current = example();
  current.inputs = {{"a.csv", 11, "a.parquet"}, {"d.csv", 1, "d.parquet"}};
  EXPECT_EQ(difference(example(), current, ErrorCode::k_bad_data),
            "a.csv had 10 bytes and has 11; b/c.csv is gone; d.csv is new");
}

}  // namespace
}  // namespace hasten::job
