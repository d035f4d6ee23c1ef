#include <fmt/format.h>

#include <memory>

#include <hasten/bench.h>
#include <hasten/error.h>
#include <hasten/json.h>

#include "command.h"
#include "model_flags.h"
#include "terminal.h"

namespace hasten::cli {
namespace {

constexpr char k_examples[] = R"(Examples:
  hasten bench model.onnx --input tweets.txt
  hasten bench model.onnx --input tweets.txt --precision int8 --profile
  hasten bench model.onnx --input tweets.csv --threads 1 --repetitions 5 --latency --json)";

struct Arguments {
  std::filesystem::path model;
  InputFlags input;
  ModelFlags options;
  std::size_t limit = 10'000;
  BenchOptions how;
  bool json = false;
};

std::vector<TextRow> read_texts(TextReader& reader, std::size_t limit) {
  std::vector<TextRow> texts;
  for (bool more = true; more && texts.size() < limit;) {
    std::vector<TextRow> rows;
    more = reader.read(rows, 1024);
    for (TextRow& row : rows) {
      if (has_text(row.status) && texts.size() < limit) texts.push_back(std::move(row));
    }
  }
  return texts;
}

void report(const std::vector<ProfiledWork>& profile) {
  if (profile.empty()) return;
  print(fmt::format("\n{:>7} {:>10} {:>9} {:>9}  {}\n", "share", "seconds", "calls", "GFLOP/s",
                    "work"));
  for (const ProfiledWork& work : profile) {
    const std::string rate =
        work.flops_per_second > 0 ? fmt::format("{:.1f}", work.flops_per_second / 1e9) : "";
    const std::string calls = work.calls > 0 ? format_count(work.calls) : "";
    print(fmt::format("{:>6.1f}% {:>10.3f} {:>9} {:>9}  {}\n", work.share * 100, work.seconds,
                      calls, rate, work.name));
  }
}

void report(const BenchReport& result) {
  print(fmt::format("{}  {}\n", bold("Engine "), result.description));
  for (const std::string& note : result.notes)
    print(fmt::format("{}  {}\n", bold("Note   "), note));
  print(fmt::format(
      "{}  {} texts/s, {} tokens/s ({} texts of {:.1f} tokens, from strings to probabilities)\n",
      bold("Speed  "), format_count(static_cast<std::uint64_t>(result.texts_per_second)),
      format_count(static_cast<std::uint64_t>(result.tokens_per_second)),
      format_count(result.texts),
      static_cast<double>(result.tokens) / static_cast<double>(result.texts)));
  print(fmt::format("{}  {:.1f} of {:.1f} GFLOP/s measured in this run: {:.0f} %\n",
                    bold("Of peak"), result.flops_per_second / 1e9, result.peak_flops / 1e9,
                    result.peak_ratio * 100));
  print(fmt::format("{}  {} at most\n", bold("Memory "), format_bytes(result.peak_memory)));
  if (result.latency) {
    print(fmt::format(
        "{}  {:.2f} ms at the median, {:.2f} ms at the 99th percentile, one text at a time\n",
        bold("Latency"), result.latency->median * 1e3, result.latency->percentile_99 * 1e3));
  }
  report(result.profile);
}

void run(const Arguments& arguments) {
  const auto reader = arguments.input.open({});
  const auto texts = read_texts(*reader, arguments.limit);
  const BenchReport result =
      bench(arguments.model, texts, arguments.options.options(), arguments.how);
  arguments.json ? print(to_json(result) + "\n") : report(result);
}

}  // namespace

void add_bench(CLI::App& app) {
  CLI::App* verb =
      app.add_subcommand("bench", "Measure texts per second and the share of the peak");
  const auto arguments = std::make_shared<Arguments>();
  verb->add_option("model", arguments->model, "ONNX file or checkpoint folder")->required();
  arguments->input.add_to(*verb);
  arguments->options.add_to(*verb);
  verb->add_option("--limit", arguments->limit, "Texts to use at most")->capture_default_str();
  verb->add_option("--repetitions", arguments->how.repetitions,
                   "Runs after the warm-up; the median counts")
      ->capture_default_str();
  verb->add_flag(
      "--profile", arguments->how.profile,
      "Show where the processor time goes, by operation, and the rate of each on one thread");
  verb->add_flag("--latency", arguments->how.latency,
                 "Also time each text by itself, one after the other");
  verb->add_flag("--json", arguments->json, "One JSON object");
  verb->footer(k_examples);
  verb->callback([arguments] { run(*arguments); });
}

}  // namespace hasten::cli
