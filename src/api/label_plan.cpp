#include "api/label_plan.h"

#include <algorithm>

#include "api/slurm.h"
#include "api/version.h"
#include "base/error.h"
#include "job/shard.h"

namespace hasten::api {
namespace {

constexpr std::uint64_t k_longest_share_interval = 3600;  // seconds

pipeline::DedupScope scope_of(Dedup dedup) {
  switch (dedup) {
    case Dedup::k_none:
      return pipeline::DedupScope::k_none;
    case Dedup::k_window:
      return pipeline::DedupScope::k_window;
    case Dedup::k_global:
      return pipeline::DedupScope::k_global;
  }
  return pipeline::DedupScope::k_window;
}

std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ",") + item;
  return out;
}

void add_settings(const LabelOptions& options, const LabelFiles& files, job::LabelPlan& plan) {
  auto& settings = plan.job.settings;
  settings.emplace_back("hasten", k_version);
  settings.emplace_back("columns", joined(plan.columns));
  settings.emplace_back("text column", options.text_column);
  settings.emplace_back("pair column", options.pair_column);
  settings.emplace_back("id column", options.id_column);
  settings.emplace_back("columns kept", joined(options.keep_columns));
  settings.emplace_back("rows where", joined(options.where));
  settings.emplace_back("format of inputs", options.input_format);
  if (!options.quoting) settings.emplace_back("quoting", "none");
  settings.emplace_back("format of parts", data::name_of(files.output_format));
  settings.emplace_back("limit", options.limit == 0 ? "" : std::to_string(options.limit));
}

void add_models(const std::vector<OpenLabelModel>& models, job::LabelPlan& plan) {
  for (const OpenLabelModel& model : models) {
    plan.models.push_back(
        {model.name, {model.classifier.get(), model.classes}, model.classifier->labels()});
    plan.columns.insert(plan.columns.end(), model.columns.begin(), model.columns.end());
    plan.job.settings.insert(plan.job.settings.end(), model.settings.begin(), model.settings.end());
  }
}

void add_inputs(const LabelOptions& options, const LabelFiles& files, job::LabelPlan& plan) {
  std::vector<std::uint64_t> sizes;
  for (const data::InputFile& input : files.inputs) {
    plan.job.inputs.push_back(
        {input.name, input.bytes, job::part_name(input, files.output_format)});
    sizes.push_back(input.bytes);
  }
  plan.inputs = files.inputs;
  plan.shard = job::inputs_of_shard(sizes, options.shard);
}

}  // namespace

job::LabelPlan make_label_plan(const LabelOptions& options, const LabelFiles& files,
                               const std::vector<OpenLabelModel>& models) {
  job::LabelPlan plan;
  add_models(models, plan);
  add_settings(options, files, plan);
  add_inputs(options, files, plan);
  for (const auto& [name, value] : plan.job.settings) {
    std::string key = "hasten." + name;
    for (char& c : key) c = c == ' ' ? '_' : c;
    if (!value.empty()) plan.metadata[key] = value;
  }
  plan.output_format = files.output_format;
  plan.reader.text_column = options.text_column;
  plan.reader.pair_column = options.pair_column;
  plan.reader.id_column = options.id_column;
  plan.reader.quoting = options.quoting;
  plan.reader.usual_id_column = true;
  plan.kept_columns = options.keep_columns;
  for (const std::string& filter : options.where) {
    plan.filters.push_back(data::parse_filter(filter));
  }
  plan.limit = options.limit;
  plan.max_bad = options.max_bad;
  plan.checkpoint_rows = options.checkpoint_rows;
  plan.pipeline.token_budget = models.front().classifier->session().token_budget();
  plan.pipeline.smallest_batch = models.front().classifier->session().smallest_batch();
  plan.pipeline.threads = job_threads(options.model_options);
  plan.pipeline.dedup = scope_of(options.dedup);
  plan.pipeline.stop = options.stop;
  plan.arithmetic = arithmetic_of(models);
  // Each of N tasks opens the segments of all: once in N seconds, that is one a second for each.
  plan.share_interval = std::max(
      plan.share_interval,
      std::chrono::seconds(std::min<std::uint64_t>(options.shard.count, k_longest_share_interval)));
  return plan;
}

void check_shard(const LabelOptions& options, bool into_file) {
  if (options.shard.count == 0 || options.shard.index >= options.shard.count) {
    fail(ErrorCode::k_usage, "the shard is none of those that there are");
  }
  if (!into_file || options.shard.count == 1) return;
  fail(ErrorCode::k_usage, "one output file cannot be shared by the tasks of an array",
       options.output, {}, "Name a folder, and make one file of its parts with 'hasten merge'.");
}

}  // namespace hasten::api
