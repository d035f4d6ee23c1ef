#include "job/merge_parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "data/arrow_plugin.h"
#include "data/text_reader.h"
#include "job/job_status.h"

namespace hasten::job {
namespace {

namespace fs = std::filesystem;

void check_parts(const StatusReport& status, JobFolder& folder) {
  if (!status.remaining.empty()) {
    fail(ErrorCode::k_incomplete,
         fmt::format("{} of {} parts are not there, such as that of {}", status.remaining.size(),
                     status.job.inputs.size(), status.remaining.front()),
         folder.store().path_of(""), {}, "Let 'hasten label' finish the job.");
  }
  if (!status.damaged.empty()) {
    fail(ErrorCode::k_output, "the part is gone or was changed after it was written",
         folder.store().path_of(status.damaged.front()), {}, "Remove it, and run the job again.");
  }
}

void check_output(const StatusReport& status, const fs::path& output) {
  const fs::path part = status.job.inputs.front().part;
  if (output.extension() == part.extension()) return;
  fail(ErrorCode::k_usage, fmt::format("the parts are {} files", part.extension().string()), output,
       {}, "Give the output the same extension.");
}

// Where the first line that is a record ends: quoted fields may hold ends of lines.
std::size_t header_bytes(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == '\n' && !quoted) return i + 1;
  }
  return text.size();
}

// Copies a part, without its header unless it is the first one, which all must have.
void append_part(data::ByteSource& source, const std::string& path, bool has_header,
                 std::string& header, data::OutputFile& file) {
  constexpr std::size_t k_block_bytes = std::size_t{1} << 20;
  std::vector<char> block(k_block_bytes);
  std::string start;
  bool at_start = has_header;
  const auto write = [&](std::string_view text) {
    file.write(std::as_bytes(std::span(text.data(), text.size())));
  };
  while (const std::size_t count = source.read(block)) {
    std::string_view text(block.data(), count);
    if (at_start) {
      start += text;
      const std::size_t end = header_bytes(start);
      if (end == start.size() && !start.ends_with('\n')) continue;
      at_start = false;
      const std::string mine = start.substr(0, end);
      if (header.empty()) {
        header = mine;
        write(mine);
      } else if (mine != header) {
        fail(ErrorCode::k_bad_data, "the part has other columns than those before it", path);
      }
      write(std::string_view(start).substr(end));
    } else {
      write(text);
    }
  }
}

void concatenate(const StatusReport& status, JobFolder& folder, data::Format format,
                 data::OutputFile& file) {
  std::string header;
  for (const JobInput& input : status.job.inputs) {
    const auto source = folder.store().open(input.part);
    append_part(*source, folder.store().path_of(input.part), format != data::Format::k_json_lines,
                header, file);
  }
  file.commit();
}

}  // namespace

std::uint64_t merge_parts(JobFolder& folder, const fs::path& output) {
  const StatusReport status = read_status(folder, true);
  check_parts(status, folder);
  check_output(status, output);
  std::vector<std::string> paths;
  std::error_code absent;
  for (const JobInput& input : status.job.inputs) {
    paths.push_back(folder.store().path_of(input.part));
    if (fs::equivalent(paths.back(), output, absent)) {
      fail(ErrorCode::k_usage, "the output would replace a part", output, {}, "Name another file.");
    }
  }
  const data::Format format = data::format_of(output);
  auto file = data::create_file(output);
  if (format != data::Format::k_parquet) {
    concatenate(status, folder, format, *file);
    return status.counts.rows;
  }
  const std::uint64_t rows =
      data::arrow_plugin().merge_parquet(paths, std::move(file), output.string());
  if (rows != status.counts.rows) {
    fail(ErrorCode::k_internal, fmt::format("{} rows were merged of {}", rows, status.counts.rows),
         output);
  }
  return rows;
}

}  // namespace hasten::job
