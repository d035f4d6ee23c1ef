#include "api/comparison_side.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "api/open_classifier.h"
#include "api/peak_memory.h"
#include "base/error.h"
#include "classifier/text_classifier.h"
#include "data/score_table.h"
#include "fidelity/table_scores.h"
#include "pipeline/score_pipeline.h"

namespace hasten::api {
namespace {

constexpr double k_missing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t k_rows_at_once = 4096;  // between two words of progress
// A pass that takes less is made again, and the quicker one counts: the first one warms up.
constexpr double k_short_pass = 1.0;

bool is_table_path(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  if (extension == ".gz" || extension == ".zst") extension = path.stem().extension().string();
  return extension == ".parquet" || extension == ".csv" || extension == ".tsv" ||
         extension == ".jsonl" || extension == ".ndjson";
}

// Runs all rows once and keeps their scores; returns the seconds.
double run_once(pipeline::ScorePipeline& pipeline, std::span<const TextRow> rows, SideScores& side,
                const std::function<void(std::uint64_t)>& progress) {
  const std::size_t classes = side.scores.classes();
  const auto start = std::chrono::steady_clock::now();
  side.summary.truncated = 0;
  for (std::size_t begin = 0; begin < rows.size(); begin += k_rows_at_once) {
    const auto part = rows.subspan(begin, std::min(k_rows_at_once, rows.size() - begin));
    const auto results = pipeline.run(part);
    for (std::size_t i = 0; i < results.size(); ++i) {
      side.summary.truncated += results[i].truncated ? 1 : 0;
      std::copy(results[i].logits.begin(), results[i].logits.end(),
                side.scores.logits.begin() + static_cast<std::ptrdiff_t>((begin + i) * classes));
    }
    if (progress) progress(begin + part.size());
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::vector<double> in_order(const std::vector<double>& values, std::size_t classes,
                             std::span<const std::optional<std::size_t>> pairs) {
  if (values.empty()) return {};
  std::vector<double> ordered(pairs.size() * classes, k_missing);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (!pairs[i]) continue;
    std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(*pairs[i] * classes), classes,
                ordered.begin() + static_cast<std::ptrdiff_t>(i * classes));
  }
  return ordered;
}

}  // namespace

std::string SideName::str() const {
  return precision ? fmt::format("{}@{}", path.string(), name_of(*precision)) : path.string();
}

SideName parse_side(const std::string& text) {
  SideName name{text, std::nullopt, false, false};
  const auto at = text.rfind('@');
  if (at != std::string::npos && !std::filesystem::exists(text) &&
      std::filesystem::exists(text.substr(0, at))) {
    name.path = text.substr(0, at);
    name.precision = parse_precision(text.substr(at + 1));
  }
  if (!std::filesystem::exists(name.path)) {
    fail(ErrorCode::k_not_found, "there is no such file or folder", name.path, {},
         "Give a checkpoint folder, an ONNX file, one of them as PATH@int8, or a table of scores.");
  }
  name.is_table = std::filesystem::is_regular_file(name.path) && is_table_path(name.path);
  if (name.is_table && name.precision) {
    fail(ErrorCode::k_usage, "a table of scores has no precision to choose", name.path, {},
         "Leave out the @.");
  }
  return name;
}

SideScores score_with_model(const graph::Graph& graph, const SideName& name,
                            const ModelOptions& options, std::span<const TextRow> rows,
                            const std::function<void(std::uint64_t)>& progress) {
  const int threads = thread_count(options);
  const bool memory_is_known = reset_peak_memory();
  classifier::ClassifierOptions opening;
  ModelOptions how = options;
  how.precision = name.precision.value_or(options.precision);
  if (name.on_cpu) how.device = "cpu";
  opening.session = session_options(graph, how);
  opening.function = options.function;
  opening.max_length = options.max_length;
  const auto classifier = classifier::TextClassifier::open(graph, opening);
  pipeline::ScorePipeline pipeline(*classifier, {threads});
  SideScores side;
  side.summary.name = name.str();
  side.summary.description = fmt::format("{}, {}, {} thread{}", classifier->session().description(),
                                         engine::summary(classifier->session().products()), threads,
                                         threads == 1 ? "" : "s");
  side.scores.labels = classifier->labels();
  side.scores.function = classifier->function();
  side.scores.rows = rows.size();
  side.scores.logits.assign(rows.size() * side.scores.classes(), k_missing);
  double seconds = run_once(pipeline, rows, side, progress);
  if (seconds < k_short_pass) seconds = std::min(seconds, run_once(pipeline, rows, side, progress));
  side.summary.seconds = seconds;
  side.summary.texts_per_second = static_cast<double>(rows.size()) / seconds;
  side.notes = classifier->session().notes();
  if (memory_is_known) side.summary.peak_memory = peak_memory();
  return side;
}

std::vector<std::uint32_t> count_tokens(const graph::Graph& graph, std::span<const TextRow> rows) {
  const auto tokenizer = classifier::load_tokenizer(classifier::require_metadata(graph));
  const auto scratch = tokenizer->make_scratch();
  tokenizer::Encoding encoding;
  std::vector<std::uint32_t> counts;
  for (const TextRow& row : rows) {
    std::optional<std::string_view> pair;
    if (row.text_pair) pair = *row.text_pair;
    tokenizer->encode(row.text, pair, {}, *scratch, encoding);
    counts.push_back(static_cast<std::uint32_t>(encoding.ids.size()));
  }
  return counts;
}

SideScores score_with_table(const SideName& name, const data::ReaderOptions& reading,
                            const std::vector<std::string>& labels, Function function,
                            std::span<const TextRow> rows, std::vector<std::string>& notes) {
  const data::ScoreTable table =
      data::read_score_table(name.path, data::format_of(name.path), reading);
  SideScores side;
  side.summary.name = name.str();
  side.summary.description = fmt::format("table of scores, {} rows", table.rows);
  side.summary.is_table = true;
  const fidelity::Scores scores =
      fidelity::scores_of_table(table, labels, function, name.path, notes);
  const auto pairs = fidelity::pair_rows(table, rows, name.path, notes);
  side.scores.labels = scores.labels;
  side.scores.function = scores.function;
  side.scores.rows = rows.size();
  side.scores.logits = in_order(scores.logits, scores.classes(), pairs);
  side.scores.probabilities = in_order(scores.probabilities, scores.classes(), pairs);
  return side;
}

}  // namespace hasten::api
