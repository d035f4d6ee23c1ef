#include <algorithm>
#include <span>

#include "api/label_page.h"
#include "base/json.h"
#include "job/job_status.h"

namespace hasten::api {
namespace {

// A name that readers of tables leave out, as they leave out _SUCCESS.
constexpr const char* k_page = "_report.html";

// Adds the speed that a log tells. Whatever a log lacks counts as nothing: the page is for people.
void add_log(const std::string& text, LabelSpeed& speed) {
  const Json log = Json::parse(text, "a log");
  const Json& told = log["report"]["speed"];
  const auto seconds = [&](const char* key) { return told.get_number(key, 0); };
  const auto count = [&](const char* key) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, told.get_integer(key, 0)));
  };
  speed.seconds += seconds("seconds");
  speed.read_seconds += seconds("read_seconds");
  speed.encode_seconds += seconds("encode_seconds");
  speed.compute_seconds += seconds("compute_seconds");
  speed.write_seconds += seconds("write_seconds");
  speed.idle_seconds += seconds("idle_seconds");
  speed.encoded_texts += count("encoded_texts");
  speed.forward_texts += count("forward_texts");
  speed.forward_tokens += count("forward_tokens");
  speed.duplicates += count("duplicates");
  speed.peak_memory = std::max(speed.peak_memory, count("peak_memory"));
}

void write(data::OutputFile& file, const LabelPage& page) {
  const std::string html = to_html(page);
  file.write(std::as_bytes(std::span(html)));
  file.commit();
}

}  // namespace

LabelPage page_of_job(job::JobFolder& folder) {
  const job::StatusReport status = job::read_status(folder, false);
  LabelPage page;
  page.output = folder.store().path_of("");
  page.parts = status.parts;
  page.rows = status.counts.rows;
  page.tokens = status.counts.tokens;
  page.rows_by_status = status.counts.by_status;
  page.rows_by_label = status.counts.by_label;
  page.settings = status.job.settings;
  const auto logs = folder.read_logs();
  page.runs = logs.size();
  for (const std::string& log : logs) add_log(log, page.speed);
  return page;
}

LabelPage page_of_run(const LabelReport& report, const job::JobRecord& job,
                      const std::string& output) {
  LabelPage page;
  page.output = output;
  page.parts = report.parts;
  page.rows = report.rows;
  page.tokens = report.tokens;
  page.rows_by_status = report.rows_by_status;
  page.rows_by_label = report.rows_by_label;
  page.settings = job.settings;
  page.speed = report.speed;
  page.is_file = true;
  return page;
}

std::string write_page(job::JobFolder& folder) {
  if (!folder.store().size(k_page)) write(*folder.store().create(k_page), page_of_job(folder));
  return folder.store().path_of(k_page);
}

std::string write_page(const LabelPage& page, const std::filesystem::path& output) {
  std::filesystem::path path = output;
  path.replace_extension(".report.html");
  write(*data::create_file(path), page);
  return path;
}

}  // namespace hasten::api
