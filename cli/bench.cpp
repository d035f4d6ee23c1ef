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
  hasten bench model.onnx --input tweets.csv --threads 1 --repetitions 5 --json)";

struct Arguments {
  std::filesystem::path model;
  InputFlags input;
  ModelFlags options;
  std::size_t limit = 10'000;
  int repetitions = 3;
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

void report(const BenchReport& report) {
  print(fmt::format("{}  {}\n", bold("Engine "), report.description));
  print(fmt::format("{}  {} texts/s, {} tokens/s ({} texts of {:.1f} tokens, from strings to probabilities)\n",
                    bold("Speed  "), format_count(static_cast<std::uint64_t>(report.texts_per_second)),
                    format_count(static_cast<std::uint64_t>(report.tokens_per_second)), format_count(report.texts),
                    static_cast<double>(report.tokens) / static_cast<double>(report.texts)));
  print(fmt::format("{}  {:.1f} of {:.1f} GFLOP/s measured in this run: {:.0f} %\n", bold("Of peak"),
                    report.flops_per_second / 1e9, report.peak_flops / 1e9, report.peak_ratio * 100));
  print(fmt::format("{}  {} at most\n", bold("Memory "), format_bytes(report.peak_memory)));
}

void run(const Arguments& arguments) {
  const auto reader = arguments.input.open({});
  const auto texts = read_texts(*reader, arguments.limit);
  const BenchReport result =
      bench(arguments.model, texts, arguments.options.options(), arguments.repetitions);
  arguments.json ? print(to_json(result) + "\n") : report(result);
}

}  // namespace

void add_bench(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("bench", "Measure texts per second and the share of the peak");
  const auto arguments = std::make_shared<Arguments>();
  verb->add_option("model", arguments->model, "ONNX file or checkpoint folder")->required();
  arguments->input.add_to(*verb);
  arguments->options.add_to(*verb);
  verb->add_option("--limit", arguments->limit, "Texts to use at most")->capture_default_str();
  verb->add_option("--repetitions", arguments->repetitions, "Runs after the warm-up; the median counts")
      ->capture_default_str();
  verb->add_flag("--json", arguments->json, "One JSON object");
  verb->footer(k_examples);
  verb->callback([arguments] { run(*arguments); });
}

}  // namespace hasten::cli
