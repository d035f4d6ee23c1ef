#include "job/job_status.h"

#include "base/error.h"

namespace hasten::job {
namespace {

bool is_as_recorded(JobFolder& folder, const PartRecord& record, bool verify) {
  if (folder.store().size(record.part) != record.part_digest.bytes) return false;
  return !verify || folder.digest_of_part(record.part) == record.part_digest;
}

}  // namespace

StatusReport read_status(JobFolder& folder, bool verify) {
  auto job = folder.read_job();
  if (!job) {
    fail(ErrorCode::k_not_found, "there is no job in this folder", folder.store().path_of(""), {},
         "Give the output folder of a 'hasten label'.");
  }
  StatusReport report;
  report.job = std::move(*job);
  report.complete = folder.is_complete();
  for (const JobInput& input : report.job.inputs) {
    const auto record = folder.read_part(input.part);
    if (!record) {
      report.remaining.push_back(input.name);
      report.rows_waiting += folder.rows_in_checkpoints(input.part);
      continue;
    }
    ++report.parts;
    report.bytes += input.bytes;
    report.counts.add(record->counts);
    if (!is_as_recorded(folder, *record, verify)) report.damaged.push_back(input.part);
  }
  return report;
}

}  // namespace hasten::job
