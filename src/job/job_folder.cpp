#include "job/job_folder.h"

#include <algorithm>

#include "base/error.h"
#include "job/json_fields.h"

namespace hasten::job {
namespace {

constexpr const char* k_own_folder = "_hasten";
constexpr const char* k_job = "_hasten/job.json";
constexpr const char* k_parts = "_hasten/parts";
constexpr const char* k_checkpoints = "_hasten/checkpoints";
constexpr const char* k_logs = "_hasten/log";
constexpr const char* k_manifest = "_hasten/manifest.json";
constexpr const char* k_success = "_SUCCESS";

std::string record_name(const std::string& part) {
  return std::string(k_parts) + "/" + part + ".json";
}

std::string checkpoint_folder(const std::string& part) {
  return std::string(k_checkpoints) + "/" + part;
}

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

}  // namespace

bool JobFolder::write_new(const std::string& name, const std::string& text) {
  const auto file = store_.create(name);
  file->write(bytes_of(text));
  return file->commit_new();
}

void JobFolder::check_empty() const {
  for (const std::string& name : store_.list("")) {
    if (name.starts_with(std::string(k_own_folder) + "/")) continue;
    if (store_.read(k_job)) return;  // another task has just begun
    fail(ErrorCode::k_usage, "the output folder holds files of something else, such as " + name,
         store_.path_of(""), {}, "Name a new folder.");
  }
}

std::optional<JobRecord> JobFolder::read_job() const {
  auto text = store_.read(k_job);
  if (!text) {
    check_empty();
    text = store_.read(k_job);
  }
  if (!text) return std::nullopt;
  return parse_job_record(*text, store_.path_of(k_job));
}

void JobFolder::bind(const JobRecord& job) {
  const std::string text = to_json(job);
  if (!store_.read(k_job)) write_new(k_job, text);
  // Read again even after writing: where two tasks may both be told that they were first, the
  // later one's record is there.
  const auto recorded = store_.read(k_job);
  if (recorded && *recorded == text) return;
  const auto record = read_job();
  if (record) check_same_job(*record, job, store_.path_of(k_job));
}

std::optional<PartRecord> JobFolder::read_part(const std::string& part) const {
  const std::string name = record_name(part);
  const auto text = store_.read(name);
  if (!text) return std::nullopt;
  return parse_part_record(*text, store_.path_of(name));
}

std::optional<data::FileDigest> JobFolder::digest_of_part(const std::string& part) const {
  if (!store_.size(part)) return std::nullopt;
  const auto source = store_.open(part);
  return data::digest_of(*source);
}

void JobFolder::record_part(const PartRecord& record) {
  const std::string name = record_name(record.part);
  const std::string text = to_json(record);
  if (!write_new(name, text)) {
    const auto recorded = store_.read(name);
    if (recorded && *recorded != text) {
      fail(ErrorCode::k_output, "another attempt recorded this part otherwise",
           store_.path_of(name), "its input changed between the two",
           "Label it again into a new folder.");
    }
  }
  for (const std::string& checkpoint : store_.list(checkpoint_folder(record.part))) {
    store_.remove(checkpoint);
  }
}

// What attempts left that were killed after their parts were recorded.
void JobFolder::remove_checkpoints() {
  for (const std::string& checkpoint : store_.list(k_checkpoints)) store_.remove(checkpoint);
}

void JobFolder::forget_part(const std::string& part) {
  for (const std::string& name :
       {std::string(k_success), std::string(k_manifest), record_name(part)}) {
    store_.remove(name);
  }
}

void JobFolder::save(const std::string& part, const Checkpoint& checkpoint) {
  write_new(
      checkpoint_folder(part) + "/" + checkpoint_name(checkpoint.first_row, checkpoint.end_row()),
      encode(checkpoint));
}

std::optional<Checkpoint> JobFolder::load(const std::string& part, std::uint64_t first_row,
                                          const std::string& binding) const {
  const std::string folder = checkpoint_folder(part);
  std::vector<std::pair<std::uint64_t, std::string>> candidates;
  for (const std::string& name : store_.list(folder)) {
    const auto range = parse_checkpoint_name(std::string_view(name).substr(folder.size() + 1));
    if (range && range->begin == first_row) candidates.emplace_back(range->end, name);
  }
  std::sort(candidates.rbegin(), candidates.rend());
  for (const auto& [end, name] : candidates) {
    const auto bytes = store_.read(name);
    auto checkpoint = bytes ? decode_checkpoint(*bytes) : std::nullopt;
    if (!checkpoint || checkpoint->first_row != first_row || checkpoint->end_row() != end) continue;
    if (checkpoint->binding == binding) return checkpoint;
    fail(ErrorCode::k_bad_data, "the checkpoint is of another input", store_.path_of(name),
         "the input has changed since the job began",
         "Put the input back as it was, or label it into a new folder.");
  }
  return std::nullopt;
}

std::uint64_t JobFolder::rows_in_checkpoints(const std::string& part) const {
  const std::string folder = checkpoint_folder(part);
  std::uint64_t rows = 0;
  for (const std::string& name : store_.list(folder)) {  // in the order of their first rows
    const auto range = parse_checkpoint_name(std::string_view(name).substr(folder.size() + 1));
    if (range && range->begin <= rows) rows = std::max(rows, range->end);
  }
  return rows;
}

void JobFolder::publish_results(const std::string& name, const std::string& bytes) {
  write_new(name, bytes);
  // Asked afterwards: whoever completes the job meanwhile has either seen the file or is seen here.
  if (is_complete()) store_.remove(name);
}

void JobFolder::remove_results() {
  for (const std::string& name : store_.list(k_results)) store_.remove(name);
}

bool JobFolder::is_complete() const {
  return store_.size(k_success).has_value();
}

std::vector<std::string> JobFolder::recorded_parts() const {
  std::vector<std::string> parts;
  const std::size_t before = std::string_view(k_parts).size() + 1;
  constexpr std::size_t k_after = std::string_view(".json").size();
  for (const std::string& name : store_.list(k_parts)) {
    if (name.ends_with(".json")) {
      parts.push_back(name.substr(before, name.size() - before - k_after));
    }
  }
  return parts;
}

void JobFolder::complete(const JobRecord& job) {
  Json::Array parts;
  const std::string settings = settings_hash(job);
  for (const JobInput& input : job.inputs) {
    const auto record = read_part(input.part);
    const auto digest = digest_of_part(input.part);
    if (!record || !digest || *digest != record->part_digest) {
      fail(ErrorCode::k_output,
           digest ? "the part was changed after it was written" : "the part is gone",
           store_.path_of(input.part), {},
           "Remove it with its record below _hasten/parts, and run the job again.");
    }
    if (record->settings != settings) {
      fail(ErrorCode::k_output, "the part was made with other settings than the job's",
           store_.path_of(input.part), "two jobs began in this folder at the same moment",
           "Label into a new folder.");
    }
    parts.push_back(Json::parse(to_json(*record), input.part));
  }
  const std::string manifest =
      to_string(json_of(Json::Object{{"job", Json::parse(to_json(job), k_job)},
                                     {"parts", json_of(std::move(parts))}})) +
      "\n";
  remove_checkpoints();
  write_new(k_manifest, manifest);
  write_new(k_success, "");
}

void JobFolder::write_log(const std::string& name, const std::string& json) {
  write_new(std::string(k_logs) + "/" + name + ".json", json);
}

std::vector<std::string> JobFolder::read_logs() const {
  std::vector<std::string> logs;
  for (const std::string& name : store_.list(k_logs)) {
    if (auto text = store_.read(name)) logs.push_back(std::move(*text));
  }
  return logs;
}

std::string JobFolder::where() const {
  return store_.path_of(k_job);
}

}  // namespace hasten::job
