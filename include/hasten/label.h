// Tables of texts in, tables of scores out: the bulk job.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <hasten/error.h>
#include <hasten/options.h>

namespace hasten {

// One of several tasks that share a job. `index` counts from 0.
struct Shard {
  std::uint64_t index = 0;
  std::uint64_t count = 1;
};

// "3/64": the fourth of 64; throws k_usage.
Shard parse_shard(const std::string& text);
// What SLURM_ARRAY_TASK_ID with _MIN, _MAX, _STEP and _COUNT say, wherever the ids start; nothing
// outside an array. Throws k_usage for ids that are no regular sequence.
std::optional<Shard> slurm_shard();

struct LabelModel {
  std::string name;  // of its column; may be empty when there is one model
  std::filesystem::path path;
};

// "NAME=PATH", or a path alone (also one with "=" in it that exists).
LabelModel parse_label_model(const std::string& text);

enum class Dedup {
  k_none,
  k_window,  // a text that was seen among the last quarter of a million is not computed again
  k_global,  // nor one that was seen at all, by this task or, by what they have told, others of the
             // job; the index lies in a file when it is large
};

enum class ScoreColumns {
  k_default,   // k_positive for models of one or two labels, k_all for others
  k_positive,  // the last of two labels, or the only one: `score`, or the models' names
  k_all,       // `score_LABEL`, or `NAME_LABEL`
};

struct LabelOptions {
  std::vector<LabelModel> models;
  // Each a file, a folder (searched with those in it), a pattern, or "@LIST", a file with one on
  // each line. "-" is standard input, for an output file only. Files and folders, of inputs and
  // outputs, may lie in stores that Arrow knows, as "s3://BUCKET/FOLDER".
  std::vector<std::string> inputs;
  // A file for one input file, when its name ends in .parquet, .csv, .tsv or .jsonl; else a folder.
  std::filesystem::path output;
  std::string input_format;  // empty: by extension
  std::string
      output_format;  // "parquet", "csv", "tsv", "jsonl"; empty: of the file's name, or parquet
  std::string text_column;  // empty: guessed from usual names
  std::string pair_column;  // empty: text_pair where there is one
  std::string id_column;    // copied to the output; empty: tweet_id or id where there is one
  bool quoting =
      true;  // CSV, TSV: a field that begins with a quote is quoted; false: quotes are text
  std::vector<std::string> keep_columns;  // copied to the output too
  std::vector<std::string>
      where;  // "COLUMN=VALUE", "COLUMN!=VALUE": rows that fail one are left out
  ScoreColumns score_columns = ScoreColumns::k_default;
  Dedup dedup = Dedup::k_window;
  std::uint64_t limit = 0;               // rows of each input at most; 0: all
  std::optional<std::uint64_t> max_bad;  // rows without a usable text or score before giving up
  std::uint64_t checkpoint_rows = 16'384;
  Shard shard;
  ModelOptions model_options;  // threads 0: also no more than SLURM_CPUS_PER_TASK
  bool page = true;            // a summary to look at, written beside the output at its end
  // Ends the job early once it is true: what is done is kept, and the job can be resumed.
  const std::atomic<bool>* stop = nullptr;
};

struct LabelProgress {
  std::uint64_t rows = 0;
  std::uint64_t rows_before = 0;  // of these, rows from checkpoints
  std::uint64_t tokens = 0;
  std::uint64_t encoded_texts = 0;
  std::uint64_t duplicates = 0;   // of these
  std::uint64_t parts = 0;        // done, those of earlier runs included
  std::uint64_t parts_total = 0;  // of this shard
  double share = 0;               // of the bytes that this run has to do; 0 while unknown
};

// Where the time went. Seconds are summed over the threads.
struct LabelSpeed {
  double seconds = 0;               // from the first byte read to the last written
  std::uint64_t encoded_texts = 0;  // tokenised: once for all models that see a text alike
  std::uint64_t forward_texts = 0;  // computed: once for each model
  std::uint64_t forward_tokens = 0;
  std::uint64_t duplicates = 0;  // tokenised and not computed
  // With Dedup::k_global: texts that other tasks or runs of the job told the results of.
  std::uint64_t results_received = 0;
  double read_seconds = 0;
  double encode_seconds = 0;
  double compute_seconds = 0;
  double write_seconds = 0;
  double idle_seconds = 0;
  std::uint64_t peak_memory = 0;  // bytes, of the process
};

// What a job would do, and about how long it would take.
struct LabelEstimate {
  std::uint64_t files = 0;  // of this shard
  std::uint64_t bytes = 0;
  std::uint64_t rows = 0;        // of all, before any condition of `where`
  bool rows_are_exact = true;    // else from the rows per byte of some
  std::uint64_t files_done = 0;  // in parts that an earlier run made
  std::uint64_t rows_done = 0;
  std::uint64_t probe_rows = 0;
  double probe_seconds = 0;
  double texts_per_second = 0;  // of the probe
  double tokens_per_second = 0;
  double seconds = 0;                // for the rows that are not done, on this machine
  std::vector<std::string> skipped;  // as in LabelReport
  std::vector<std::string> columns;
  std::string text_column;
  std::string id_column;
  std::vector<std::string> warnings;
};

struct LabelFailure {
  std::string input;
  std::string message;
  ErrorCode code = ErrorCode::k_internal;
};

struct LabelReport {
  bool complete = false;          // every part of the whole job is there and verified
  bool stopped = false;           // ended early, as asked
  bool can_resume = false;        // the output is a folder
  std::uint64_t rows = 0;         // of this shard, those of earlier runs included
  std::uint64_t rows_before = 0;  // of these, rows of earlier runs
  std::map<std::string, std::uint64_t> rows_by_status;  // "ok", "truncated", "empty", ...
  std::map<std::string, std::map<std::string, std::uint64_t>> rows_by_label;  // of each model
  std::uint64_t tokens = 0;            // of all rows, as the first model sees them
  std::uint64_t parts = 0;             // of this shard, done
  std::uint64_t parts_total = 0;       // of this shard
  std::vector<LabelFailure> failures;  // inputs that could not be read
  std::vector<std::string> skipped;    // in folders: files whose format is not known
  std::vector<std::string> columns;    // of scores
  std::string text_column;             // of the last input
  std::string id_column;
  LabelSpeed speed;
  std::string page;  // the path of the summary page, if one is there
  std::vector<std::string> warnings;
};

// Labels the inputs of one shard. Every input row is one output row, in order.
//
// Into a folder, each input gives one part with its stem. A part appears whole, after its input's
// hash and its own are known; checkpoints lie in side files. A folder that holds a job is resumed,
// with the same models, settings and inputs: anything else throws k_usage or k_bad_data saying what
// differs. Tasks may run at once, twice, or be killed at any moment. An input that cannot be read
// is a failure in the report, and the others go on.
//
// When the job is complete, a page with its rows, labels and speed is written: _report.html in the
// folder, a name that readers of tables leave out, or scores.report.html beside scores.parquet.
//
// `progress` is called now and then (may be empty). Throws what Classifier::open throws, k_usage,
// k_not_found, k_output, and k_bad_data when there are more bad rows than max_bad.
LabelReport label(const LabelOptions& options,
                  const std::function<void(const LabelProgress&)>& progress = {});

// Counts the rows of the inputs, or of some of them, and labels a few for `probe_seconds`; writes
// nothing. Throws what label() throws for options, models, inputs and a folder that do not fit, and
// k_usage for standard input.
LabelEstimate estimate_label(const LabelOptions& options, double probe_seconds = 2);

}  // namespace hasten
