#include <fmt/format.h>
#include <hasten/error.h>
#include <hasten/json.h>
#include <hasten/status.h>

#include <algorithm>
#include <memory>

#include "command.h"
#include "label_counts.h"
#include "terminal.h"

namespace hasten::cli {
namespace {

constexpr char k_examples[] = R"(Examples:
  hasten status scores/
  hasten status scores/ --verify --json
  hasten status scores/ --remaining    # the inputs that are left, a line each

Exit code: 0 when the job is complete, 9 when it is not, 7 when a part is gone or was changed.)";

struct Arguments {
  std::filesystem::path folder;
  bool verify = false;
  bool remaining = false;
  bool json = false;
};

void report(const JobStatus& status) {
  const double share = status.bytes_total == 0 ? 1
                                               : static_cast<double>(status.bytes) /
                                                     static_cast<double>(status.bytes_total);
  print(fmt::format("{}  {} of {} parts, {:.1f} % of {}: {}\n", bold("Job     "),
                    format_count(status.parts), format_count(status.parts_total), share * 100,
                    format_bytes(status.bytes_total),
                    status.complete ? green("complete and verified") : "not complete"));
  print_counts(status.rows, status.rows_by_status, status.rows_by_label);
  if (status.rows_waiting > 0) {
    print(fmt::format("{}  {} rows in checkpoints\n", bold("Waiting "),
                      format_count(status.rows_waiting)));
  }
  for (const std::string& part : status.damaged) {
    print(fmt::format("{}  {} is gone or was changed\n", red("Damaged "), fit(part, 200)));
  }
  for (const auto& [name, value] : status.settings) {
    if (!value.empty()) print(fmt::format("{}  {}: {}\n", bold("Setting "), name, fit(value, 120)));
  }
}

void run(const Arguments& arguments) {
  const JobStatus status = read_status(arguments.folder, arguments.verify);
  if (arguments.json) {
    print(to_json(status) + "\n");
  } else if (arguments.remaining) {
    for (const std::string& input : status.remaining) print(input + "\n");
  } else {
    report(status);
  }
  flush_output();
  if (!status.damaged.empty()) {
    throw Error({ErrorCode::k_output,
                 "parts are gone or were changed, such as " + status.damaged.front(),
                 arguments.folder,
                 {},
                 "Remove what is left of them, and run the job again."});
  }
  if (!status.complete) {
    throw Error(
        {ErrorCode::k_incomplete,
         fmt::format("{} of {} parts are left", status.remaining.size(), status.parts_total),
         arguments.folder,
         {},
         "Run 'hasten label' as before: it goes on from here."});
  }
}

}  // namespace

void add_status(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("status", "How far a 'hasten label' into a folder has come");
  const auto arguments = std::make_shared<Arguments>();
  verb->add_option("folder", arguments->folder, "Output folder of the job")->required();
  verb->add_flag("--verify", arguments->verify, "Read every part and compare its hash");
  verb->add_flag("--remaining", arguments->remaining, "Only the names of the inputs that are left");
  verb->add_flag("--json", arguments->json, "One JSON object");
  verb->footer(k_examples);
  verb->callback([arguments] { run(*arguments); });
}

}  // namespace hasten::cli
