// The summary of a bulk job as a page.
#pragma once

#include <hasten/label.h>

#include <string>
#include <utility>
#include <vector>

#include "job/job_folder.h"

namespace hasten::api {

struct LabelPage {
  std::string output;
  std::uint64_t parts = 0;
  std::uint64_t rows = 0;
  std::uint64_t tokens = 0;
  std::map<std::string, std::uint64_t> rows_by_status;
  std::map<std::string, std::map<std::string, std::uint64_t>> rows_by_label;  // of each model
  std::vector<std::pair<std::string, std::string>> settings;
  // Of all runs: sums, and the most memory that one of them held.
  LabelSpeed speed;
  std::uint64_t runs = 1;
  bool is_file = false;  // one file, and not a folder of parts
};

std::string to_html(const LabelPage& page);

// Of a job that is complete, from its records and the logs of its runs.
LabelPage page_of_job(job::JobFolder& folder);
LabelPage page_of_run(const LabelReport& report, const job::JobRecord& job,
                      const std::string& output);

// The path of the page of a job in a folder, which is written unless it is there.
std::string write_page(job::JobFolder& folder);
// The same beside an output file.
std::string write_page(const LabelPage& page, const std::filesystem::path& output);

}  // namespace hasten::api
