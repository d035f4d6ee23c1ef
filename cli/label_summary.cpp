#include "label_summary.h"

#include <fmt/format.h>
#include <hasten/error.h>

#include <algorithm>

#include "label_counts.h"
#include "terminal.h"

namespace hasten::cli {
namespace {

void print_speed(const LabelSpeed& speed, std::uint64_t rows) {
  const double seconds = std::max(speed.seconds, 1e-9);
  print(fmt::format(
      "{}  {} texts/s, {} tokens/s forward; {} of {} tokenised texts were duplicates ({:.1f} %)\n",
      bold("Speed   "),
      format_count(static_cast<std::uint64_t>(static_cast<double>(rows) / seconds)),
      format_count(static_cast<std::uint64_t>(static_cast<double>(speed.forward_tokens) / seconds)),
      format_count(speed.duplicates), format_count(speed.encoded_texts),
      100.0 * static_cast<double>(speed.duplicates) /
          static_cast<double>(std::max<std::uint64_t>(1, speed.encoded_texts))));
  print(fmt::format(
      "{}  read {}, tokenise {}, compute {}, write {}, idle {} (over all threads); {} of memory at "
      "most\n",
      bold("Time    "), format_seconds(speed.read_seconds), format_seconds(speed.encode_seconds),
      format_seconds(speed.compute_seconds), format_seconds(speed.write_seconds),
      format_seconds(speed.idle_seconds), format_bytes(speed.peak_memory)));
}

void print_columns(const std::string& text_column, const std::string& id_column) {
  print(fmt::format("{}  texts from {}, ids from {}\n", bold("Columns "),
                    text_column.empty() ? "the lines" : fmt::format("\"{}\"", fit(text_column, 60)),
                    id_column.empty() ? "nowhere" : fmt::format("\"{}\"", fit(id_column, 60))));
}

}  // namespace

void print_summary(const LabelReport& report, const std::filesystem::path& output) {
  print_counts(report.rows, report.rows_by_status, report.rows_by_label);
  if (!report.skipped.empty()) {
    print(fmt::format("{}  {} files whose format is not known, such as {}\n", bold("Skipped "),
                      format_count(report.skipped.size()), fit(report.skipped.front(), 120)));
  }
  print_columns(report.text_column, report.id_column);
  print_speed(report.speed, report.rows - report.rows_before);
  const std::string state = report.complete ? "complete and verified"
                                            : fmt::format("{} of {} parts of this shard",
                                                          report.parts, report.parts_total);
  print(fmt::format("{}  {} in {}: {}\n", bold("Written "), output.string(),
                    format_seconds(report.speed.seconds), state));
  if (!report.page.empty()) print(fmt::format("{}  {}\n", bold("Summary "), report.page));
}

void print_estimate(const LabelEstimate& estimate) {
  print(fmt::format("{}  {} files, {}; {} are done\n", bold("Inputs  "),
                    format_count(estimate.files), format_bytes(estimate.bytes),
                    format_count(estimate.files_done)));
  print(fmt::format("{}  {}{}; {} are done\n", bold("Rows    "),
                    estimate.rows_are_exact ? "" : "about ", format_count(estimate.rows),
                    format_count(estimate.rows_done)));
  print_columns(estimate.text_column, estimate.id_column);
  print(fmt::format("{}  {} texts/s, {} tokens/s, measured on {} rows in {}\n", bold("Speed   "),
                    format_count(static_cast<std::uint64_t>(estimate.texts_per_second)),
                    format_count(static_cast<std::uint64_t>(estimate.tokens_per_second)),
                    format_count(estimate.probe_rows), format_seconds(estimate.probe_seconds)));
  print(fmt::format("{}  about {} for what is left, on this machine\n", bold("Time    "),
                    format_duration(estimate.seconds)));
  for (const std::string& warning : estimate.warnings) print(warning + "\n");
}

// What a run that did not do everything ends with.
void throw_unfinished(const LabelReport& report, const std::filesystem::path& output) {
  if (!report.failures.empty()) {
    const LabelFailure& first = report.failures.front();
    throw Error(
        {first.code,
         fmt::format("{} of {} inputs failed: {}", report.failures.size(), report.parts_total,
                     first.message.substr(0, first.message.find('\n'))),
         {},
         {},
         "The others are done. Mend it and run the same command again, with a new folder where "
         "the mended file has another size."});
  }
  if (report.stopped) {
    throw Error({ErrorCode::k_incomplete,
                 fmt::format("stopped after {} of {} parts", report.parts, report.parts_total),
                 output,
                 {},
                 report.can_resume
                     ? "Run the same command again: it goes on from here."
                     : "Nothing is written. An output folder, other than a file, can be resumed."});
  }
}

}  // namespace hasten::cli
