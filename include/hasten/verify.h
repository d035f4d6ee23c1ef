// Whether two models, or a model and a table of scores made elsewhere, say the same about the same
// texts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <hasten/options.h>
#include <hasten/texts.h>

namespace hasten {

// What a verdict asks for when nothing else is said.
inline constexpr const char* k_default_budget =
    "spearman@10%>=0.998, overlap@10%>=0.98, flips<=0.5%";

// A side of a comparison is a checkpoint folder, an ONNX file, either of them as PATH@PRECISION, or
// a table of scores (.parquet, .csv, .tsv, .jsonl) with a column of scores per class, or the arrays
// "logits" or "probabilities".
struct VerifyOptions {
  std::string reference;        // A; empty: B's own model in float32 on the CPU
  std::string candidate;        // B
  std::filesystem::path input;  // texts; empty: those of a table of scores that holds them
  // How the texts are read. Its id_column also pairs a table's rows with them; empty: usual names. Its
  // quoting is of their file alone.
  TextOptions texts;
  std::size_t limit = 0;  // texts at most; 0: all
  std::string budget = k_default_budget;
  std::vector<double> thresholds = {0.5};  // of probabilities, for counting flips
  ModelOptions model_options;              // of both sides; a side's own @PRECISION comes first
  std::size_t moved_texts = 20;            // listed
  std::size_t resamples = 500;             // of the bootstrap
};

struct Interval {
  double low = 0;
  double high = 0;
};

// A figure with its interval of 95 % confidence, where one is known.
struct Estimate {
  double value = 0;
  std::optional<Interval> interval;
};

struct Differences {
  double largest = 0;
  double mean = 0;
  double quantile_999 = 0;
};

// Agreement on the k texts that A scores highest. Both sides' orders are of the margin of the class
// where logits are known (softmax: its logit minus the log-sum-exp of the others), else of its
// probability.
struct TopAgreement {
  std::string name;       // "100", "10%", "all"
  std::size_t count = 0;  // texts in it
  Estimate spearman;      // rank correlation within A's top k; NaN where just one side is constant
  double kendall = 0;     // tau-b, likewise
  Estimate overlap;       // share of A's top k that is in B's top k
};

// Texts on different sides of a threshold.
struct Flips {
  std::string name;      // "0.5", or "top 10%": both sides cut at the score of their own k-th text
  double threshold = 0;  // of A
  double threshold_b = 0;
  std::uint64_t up = 0;  // below in A, at or above in B
  std::uint64_t down = 0;
  Estimate share;
};

struct ClassAgreement {
  std::string label;
  std::optional<Differences> logits;         // when both sides have logits
  std::optional<Differences> probabilities;  // when both sides have probabilities
  std::vector<TopAgreement> top;             // rising k; the last is all texts
  std::vector<Flips> flips;
  std::size_t distinct_a = 0, distinct_b = 0;  // different scores
  std::vector<float> scores_a, scores_b;       // of each compared text: probability, else logit
  std::vector<float> margins_a, margins_b;     // what the orders are made of
};

struct MovedText {
  std::uint64_t row = 0;  // of the input, from 1
  RowId id;
  std::string text;
  std::size_t class_index = 0;  // that moved most
  double score_a = 0, score_b = 0;
};

// What a difference is, where that can be known: weights, labels, tokenizer, length, function,
// precision.
struct Finding {
  std::string kind;     // "labels", "tokenizer", "length", "weights", "function", "rows", "texts"
  std::string message;  // one sentence
};

struct SideSummary {
  std::string name;         // as given, with the precision
  std::string description;  // "cpu, AVX-512, int8, 2 threads", "table of scores"
  bool is_table = false;
  double seconds = 0;  // of one pass over the texts; 0 for a table
  double texts_per_second = 0;
  std::uint64_t peak_memory = 0;  // bytes, of the process in that pass; 0 when unknown
  std::uint64_t truncated = 0;
};

// One clause of a budget, such as "spearman@10%>=0.998".
struct BudgetResult {
  std::string clause;
  std::string label;  // the class that did worst; empty when the clause is about none
  Estimate measured;
  double limit = 0;
  bool at_least = true;  // else at most
  bool holds = false;
  bool certain = true;             // the limit lies outside the interval
  std::uint64_t enough_texts = 0;  // that would make it certain, roughly; 0 when it is
};

struct VerifyReport {
  SideSummary a, b;
  std::string budget;
  bool passed = false;
  std::vector<BudgetResult> clauses;
  std::vector<Finding> findings;
  std::vector<std::string>
      notes;               // rows left out, how rows were paired, samples that are too small
  std::uint64_t rows = 0;  // of the input
  std::uint64_t compared = 0;
  Estimate argmax_agreement;  // 1 for one class
  std::vector<ClassAgreement> classes;
  std::vector<MovedText> moved;
  double seconds = 0;
};

// `progress` hears what is being done and how many texts of how many are done. Throws what
// Classifier::open and open_texts throw, k_usage (a malformed budget), k_bad_data (a table that
// cannot be paired with the texts). A comparison that fails its budget is no error: see `passed`.
using VerifyProgress =
    std::function<void(const std::string& stage, std::uint64_t done, std::uint64_t total)>;
VerifyReport verify(const VerifyOptions& options, const VerifyProgress& progress = {});

// The report as one self-contained page: no script that is fetched, no network.
std::string to_html(const VerifyReport& report, bool with_texts = true);

}  // namespace hasten
