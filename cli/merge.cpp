#include <fmt/format.h>
#include <hasten/json.h>
#include <hasten/status.h>

#include <memory>

#include "command.h"
#include "terminal.h"

namespace hasten::cli {
namespace {

constexpr char k_examples[] = R"(Examples:
  hasten merge scores/ scores.parquet
  hasten merge scores/ scores.csv      # of parts made with --output-format csv)";

struct Arguments {
  std::filesystem::path folder;
  std::filesystem::path output;
  bool json = false;
  bool quiet = false;
};

void run(const Arguments& arguments) {
  const MergeReport report = merge(arguments.folder, arguments.output);
  if (arguments.json) {
    print(to_json(report) + "\n");
  } else if (!arguments.quiet) {
    print(fmt::format("{}  {} rows of {} parts, {} in {}\n", bold("Written "),
                      format_count(report.rows), format_count(report.parts),
                      format_bytes(report.bytes), format_seconds(report.seconds)));
  }
}

}  // namespace

void add_merge(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("merge", "Make one file of the parts of a 'hasten label'");
  const auto arguments = std::make_shared<Arguments>();
  verb->add_option("folder", arguments->folder, "Output folder of a job that is complete")
      ->required();
  verb->add_option("output", arguments->output,
                   "File to write, of the parts' format; replaced atomically")
      ->required();
  verb->add_flag("--json", arguments->json, "Report as one JSON object");
  verb->add_flag("--quiet,-q", arguments->quiet, "No report");
  verb->footer(k_examples);
  verb->callback([arguments] { run(*arguments); });
}

}  // namespace hasten::cli
