// LabelPlan: everything that a run is told, decided before it starts.
#pragma once

#include <hasten/label.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/filtering_reader.h"
#include "data/input_files.h"
#include "data/text_reader.h"
#include "job/job_record.h"
#include "pipeline/block_pipeline.h"

namespace hasten::job {

struct JobModel {
  std::string name;
  pipeline::BulkModel bulk;
  std::vector<std::string> labels;
};

struct LabelPlan {
  std::vector<data::InputFile> inputs;  // as many as `job` has, in the same order
  JobRecord job;
  std::vector<std::size_t> shard;  // indexes of the inputs of this run
  std::vector<JobModel> models;
  std::vector<std::string> columns;             // of scores, in the models' order
  std::map<std::string, std::string> metadata;  // for the footers of the parts
  data::Format output_format = data::Format::k_parquet;
  data::ReaderOptions reader;
  std::vector<std::string> kept_columns;  // of the input, copied to the parts
  std::vector<data::RowFilter> filters;
  std::uint64_t limit = 0;  // rows of an input; 0: all
  std::optional<std::uint64_t> max_bad;
  std::uint64_t checkpoint_rows = 16'384;
  pipeline::BlockPipelineOptions pipeline;
  // What results depend on besides the settings: empty where they are the same bits on every
  // processor.
  std::string arithmetic;
  std::chrono::seconds share_interval{10};  // between exchanges of results with other tasks
};

// "2020/part-0.parquet": the name of an input's part.
std::string part_name(const data::InputFile& input, data::Format format);

}  // namespace hasten::job
