// JobFolder: the files of a job in its output folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/file_store.h"
#include "job/checkpoint.h"
#include "job/job_record.h"
#include "job/part_record.h"

namespace hasten::job {

//   part-0.parquet, 2020/part-1.parquet ...   the parts
//   _hasten/job.json                          JobRecord, written by the first task
//   _hasten/parts/part-0.parquet.json ...     PartRecord of each part that is whole
//   _hasten/checkpoints/part-0.parquet/...    Checkpoints of parts that are not
//   _hasten/results/...                       scores that tasks share, see shared_results.h
//   _hasten/manifest.json, _SUCCESS           written when all parts are there and verified
//   _hasten/log/...                           what each run did, and where
//
// Every file is written once, whole, and never changed, so that attempts at the same work at once,
// or one after the other was killed, do no harm. Throws k_output.
class JobFolder {
 public:
  explicit JobFolder(data::FileStore& store) : store_(store) {}

  // The recorded job; nothing when there is none. Throws k_usage when there is none and the folder
  // holds other files.
  std::optional<JobRecord> read_job() const;
  // Records the job; when another task was first, that one's record counts and is checked.
  void bind(const JobRecord& job);

  std::optional<PartRecord> read_part(const std::string& part) const;
  // The digest of the part itself; nothing when it is not there.
  std::optional<data::FileDigest> digest_of_part(const std::string& part) const;
  // Records a part that is in place, and removes its checkpoints. Throws when another record is
  // there.
  void record_part(const PartRecord& record);

  // Makes a part that was recorded and is gone one to be done.
  void forget_part(const std::string& part);

  void save(const std::string& part, const Checkpoint& checkpoint);
  // The longest checkpoint that begins with the row; damaged ones are passed over. Throws
  // k_bad_data when it was made of another input.
  std::optional<Checkpoint> load(const std::string& part, std::uint64_t first_row,
                                 const std::string& binding) const;
  // How many rows the checkpoints of a part hold from its start on, as their names say.
  std::uint64_t rows_in_checkpoints(const std::string& part) const;

  static constexpr const char* k_results = "_hasten/results";
  // A file of results below that folder. A task that outlives its job leaves none.
  void publish_results(const std::string& name, const std::string& bytes);

  bool is_complete() const;
  // Names of the parts that have a record.
  std::vector<std::string> recorded_parts() const;
  // Checks every part against its record and writes the manifest and _SUCCESS. Throws k_output
  // naming a part that is gone or was changed.
  void complete(const JobRecord& job);

  // What a complete job needs no more.
  void remove_results();

  void write_log(const std::string& name, const std::string& json);

  // The texts of all logs.
  std::vector<std::string> read_logs() const;

  data::FileStore& store() { return store_; }
  // The record of the job, for messages.
  std::string where() const;

 private:
  void remove_checkpoints();
  bool write_new(const std::string& name, const std::string& text);
  void check_empty() const;

  data::FileStore& store_;
};

}  // namespace hasten::job
