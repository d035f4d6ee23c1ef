#include <hasten/status.h>

#include <chrono>

#include "data/remote_files.h"
#include "job/job_status.h"
#include "job/merge_parts.h"

namespace hasten {

JobStatus read_status(const std::filesystem::path& folder, bool verify) {
  const auto store = data::open_store(folder);
  job::JobFolder job_folder(*store);
  job::StatusReport report = job::read_status(job_folder, verify);
  JobStatus status;
  status.complete = report.complete && report.damaged.empty();
  status.parts = report.parts;
  status.parts_total = report.job.inputs.size();
  status.bytes = report.bytes;
  for (const job::JobInput& input : report.job.inputs) status.bytes_total += input.bytes;
  status.rows = report.counts.rows;
  status.rows_waiting = report.rows_waiting;
  status.rows_by_status = std::move(report.counts.by_status);
  status.rows_by_label = std::move(report.counts.by_label);
  status.remaining = std::move(report.remaining);
  status.damaged = std::move(report.damaged);
  status.settings = std::move(report.job.settings);
  return status;
}

MergeReport merge(const std::filesystem::path& folder, const std::filesystem::path& output) {
  const auto start = std::chrono::steady_clock::now();
  const auto store = data::open_store(folder);
  job::JobFolder job_folder(*store);
  MergeReport report;
  report.rows = job::merge_parts(job_folder, output);
  report.parts = job_folder.recorded_parts().size();
  report.bytes = data::stamp_of(output).bytes;
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

}  // namespace hasten
