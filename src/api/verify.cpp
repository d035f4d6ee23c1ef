#include <hasten/verify.h>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <numeric>

#include "api/compare_models.h"
#include "api/comparison_side.h"
#include "api/model_source.h"
#include "api/open_classifier.h"
#include "base/error.h"
#include "data/score_table.h"
#include "data/text_reader.h"
#include "fidelity/budget.h"
#include "fidelity/causes.h"
#include "fidelity/comparison.h"
#include "graph/model_metadata.h"
#include "report/page.h"

namespace hasten {
namespace {

using api::SideName;
using api::SideScores;
using fidelity::Scores;

class Verification {
 public:
  Verification(const VerifyOptions& options, const VerifyProgress& progress)
      : options_(options), progress_(progress), budget_(fidelity::parse_budget(options.budget)) {}

  VerifyReport run();

 private:
  void name_sides();
  void read_texts();
  void score_sides();
  void match_classes();
  void keep_scored_rows();
  void compare();
  void name_causes();
  void judge();
  void list_moved(const std::vector<fidelity::MovedRow>& moved);

  const graph::Graph& graph_of(const SideName& name);
  SideScores score(const SideName& name, const char* stage);
  SideScores score_table(const SideName& name, const Scores* other);
  const graph::Graph* graph_if_model(const SideName& name);

  const VerifyOptions& options_;
  const VerifyProgress& progress_;
  std::vector<fidelity::BudgetClause> budget_;
  SideName a_, b_;
  std::map<std::filesystem::path, graph::Graph> graphs_;
  std::filesystem::path texts_path_;
  std::vector<TextRow> rows_;
  std::vector<std::size_t> kept_;  // indexes of the compared rows
  Scores scores_a_, scores_b_;     // of the compared rows, once they are chosen
  VerifyReport report_;
};

VerifyReport Verification::run() {
  const auto start = std::chrono::steady_clock::now();
  report_.budget = options_.budget;
  name_sides();
  read_texts();
  score_sides();
  match_classes();
  keep_scored_rows();
  compare();
  name_causes();
  judge();
  report_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return std::move(report_);
}

void Verification::name_sides() {
  b_ = api::parse_side(options_.candidate);
  if (!options_.reference.empty()) {
    a_ = api::parse_side(options_.reference);
    return;
  }
  if (b_.is_table) {
    fail(ErrorCode::k_usage, "one table of scores is nothing to compare", b_.path, {},
         "Give the model that it is compared with: hasten verify TABLE MODEL --input TEXTS");
  }
  a_ = b_;
  a_.precision = Precision::k_float32;
  a_.on_cpu = true;
  if (options_.model_options.device != "cpu") return;
  const auto plan =
      api::plan_for(graph_of(b_), b_.precision.value_or(options_.model_options.precision));
  if (plan != engine::PrecisionPlan(engine::Precision::k_float32)) return;
  if (b_.precision) {
    fail(ErrorCode::k_usage, "the model in fp32 is compared with itself", options_.candidate, {},
         "Name another side or precision: hasten verify A B, or MODEL@int8.");
  }
  b_.precision = Precision::k_int8;
  report_.notes.push_back(
      "No precision was named and the model has no plan: its int8 is compared.");
}

const graph::Graph& Verification::graph_of(const SideName& name) {
  const auto found = graphs_.find(name.path);
  if (found != graphs_.end()) return found->second;
  return graphs_
      .emplace(name.path, api::load_model(name.path, options_.model_options.function,
                                          options_.model_options.tokenizer))
      .first->second;
}

const graph::Graph* Verification::graph_if_model(const SideName& name) {
  return name.is_table ? nullptr : &graph_of(name);
}

// The texts of a table of scores are read as rows when no other input is named.
void Verification::read_texts() {
  texts_path_ = options_.input;
  if (texts_path_.empty()) {
    const SideName* table = a_.is_table ? &a_ : b_.is_table ? &b_ : nullptr;
    if (table == nullptr) {
      fail(ErrorCode::k_usage, "no texts are given", {}, {},
           "Give them: --input FILE, or --input - for standard input.");
    }
    texts_path_ = table->path;
  }
  data::ReaderOptions reading{options_.texts.text_column, options_.texts.pair_column,
                              options_.texts.id_column, options_.texts.quoting};
  reading.usual_id_column = true;
  const data::Format format = !options_.texts.format.empty()
                                  ? data::parse_format(options_.texts.format)
                              : texts_path_ == "-" ? data::Format::k_lines
                                                   : data::format_of(texts_path_);
  const auto reader = data::open_reader(texts_path_, format, reading);
  const std::size_t limit = options_.limit == 0 ? static_cast<std::size_t>(-1) : options_.limit;
  for (bool more = true; more && rows_.size() < limit;) {
    more = reader->read(rows_, std::min<std::size_t>(limit - rows_.size(), 4096));
  }
  report_.rows = rows_.size();
  if (rows_.empty()) fail(ErrorCode::k_bad_data, "there are no texts", texts_path_);
}

SideScores Verification::score(const SideName& name, const char* stage) {
  const std::string text = fmt::format("{}: {}", stage, name.str());
  return api::score_with_model(graph_of(name), name, options_.model_options, rows_,
                               [&](std::uint64_t done) {
                                 if (progress_) progress_(text, done, rows_.size());
                               });
}

SideScores Verification::score_table(const SideName& name, const Scores* other) {
  const Function function = other != nullptr
                                ? other->function
                                : options_.model_options.function.value_or(Function::k_softmax);
  data::ReaderOptions reading;
  reading.id_column = options_.texts.id_column;
  reading.quoting = options_.texts.quoting || name.path != texts_path_;
  return api::score_with_table(name, reading,
                               other != nullptr ? other->labels : std::vector<std::string>(),
                               function, rows_, report_.notes);
}

// Models first: a table's columns are found by the labels of the other side.
void Verification::score_sides() {
  SideScores a, b;
  if (!a_.is_table) a = score(a_, "A");
  if (!b_.is_table) b = score(b_, "B");
  if (a_.is_table) a = score_table(a_, b_.is_table ? nullptr : &b.scores);
  if (b_.is_table) b = score_table(b_, &a.scores);
  for (const auto* notes : {&a.notes, &b.notes})
    std::ranges::copy(*notes, std::back_inserter(report_.notes));
  report_.a = std::move(a.summary);
  report_.b = std::move(b.summary);
  scores_a_ = std::move(a.scores);
  scores_b_ = std::move(b.scores);
}

std::vector<double> reordered(const std::vector<double>& values,
                              const std::vector<std::size_t>& columns) {
  std::vector<double> result(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t row = i / columns.size();
    result[i] = values[row * columns.size() + columns[i % columns.size()]];
  }
  return result;
}

// B's classes in A's order: by name where both name the same, else by place.
void Verification::match_classes() {
  if (scores_a_.classes() != scores_b_.classes()) {
    fail(ErrorCode::k_bad_data,
         fmt::format("A has {} classes and B {}", scores_a_.classes(), scores_b_.classes()),
         options_.candidate, {}, "Compare models of one task.");
  }
  const auto& wanted = scores_a_.labels;
  if (wanted == scores_b_.labels) return;
  if (!std::is_permutation(wanted.begin(), wanted.end(), scores_b_.labels.begin())) return;
  std::vector<std::size_t> columns;
  for (const std::string& label : wanted) {
    const auto place = std::find(scores_b_.labels.begin(), scores_b_.labels.end(), label);
    columns.push_back(static_cast<std::size_t>(place - scores_b_.labels.begin()));
  }
  scores_b_.logits = reordered(scores_b_.logits, columns);
  scores_b_.probabilities = reordered(scores_b_.probabilities, columns);
  scores_b_.labels = wanted;
}

void Verification::keep_scored_rows() {
  std::uint64_t nonfinite = 0;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (is_scored(scores_a_, i) && is_scored(scores_b_, i)) {
      kept_.push_back(i);
    } else if (has_text(rows_[i].status)) {
      ++nonfinite;
    }
  }
  report_.compared = kept_.size();
  if (nonfinite > 0)
    report_.notes.push_back(
        fmt::format("{} texts have no finite score on a side and are left out.", nonfinite));
  if (kept_.empty())
    fail(ErrorCode::k_bad_data, "no text has scores on both sides", options_.candidate);
  scores_a_ = take_rows(scores_a_, kept_);
  scores_b_ = take_rows(scores_b_, kept_);
}

void Verification::compare() {
  if (progress_) progress_("comparing", 0, 0);
  add_probabilities(scores_a_);
  add_probabilities(scores_b_);
  fidelity::Comparison comparison = fidelity::compare(
      scores_a_, scores_b_, {options_.thresholds, options_.resamples, options_.moved_texts});
  report_.clauses = check_budget(budget_, comparison, report_.compared);
  report_.argmax_agreement = comparison.argmax_agreement;
  list_moved(comparison.moved);
  report_.classes = std::move(comparison.classes);
}

void Verification::list_moved(const std::vector<fidelity::MovedRow>& moved) {
  for (const fidelity::MovedRow& each : moved) {
    const TextRow& row = rows_[kept_[each.row]];
    const std::string text = row.text_pair ? row.text + " | " + *row.text_pair : row.text;
    report_.moved.push_back(
        {row.number, row.id, text, each.class_index, each.score_a, each.score_b});
  }
}

void Verification::name_causes() {
  const graph::Graph* a = graph_if_model(a_);
  const graph::Graph* b = graph_if_model(b_);
  if (a != nullptr && b != nullptr && a != b)
    report_.findings = api::compare_models(*a, *b, options_.model_options);
  if (report_.moved.empty()) return;
  std::vector<TextRow> rows;
  std::vector<std::string> texts;
  for (const std::size_t index : kept_) {
    rows.push_back(std::move(rows_[index]));
    texts.push_back(rows.back().text);
  }
  std::vector<std::uint32_t> token_counts;
  if (const graph::Graph* any = b != nullptr ? b : a) token_counts = api::count_tokens(*any, rows);
  for (Finding& finding : fidelity::find_causes(scores_a_, scores_b_, {texts, token_counts})) {
    report_.findings.push_back(std::move(finding));
  }
}

void Verification::judge() {
  report_.passed = fidelity::all_hold(report_.clauses);
  for (const BudgetResult& clause : report_.clauses) {
    if (clause.certain) continue;
    report_.notes.push_back(fmt::format(
        "{} texts are too few to tell whether {} {}: about {} would be enough.",
        report::count_text(report_.compared), clause.clause,
        clause.holds ? "really holds" : "really fails", report::count_text(clause.enough_texts)));
  }
}

}  // namespace

VerifyReport verify(const VerifyOptions& options, const VerifyProgress& progress) {
  return Verification(options, progress).run();
}

}  // namespace hasten
