#include <hasten/label.h>

#include <hasten/classify.h>
#include <hasten/texts.h>

#include <chrono>

#include "base/error.h"
#include "data/score_writer.h"
#include "data/text_reader.h"

namespace hasten {
namespace {

class LabelJob {
 public:
  LabelJob(const LabelOptions& options, const std::function<void(std::uint64_t)>& progress)
      : options_(options),
        progress_(progress),
        classifier_(Classifier::open(options.model, options.model_options)) {}

  LabelReport run();

 private:
  void write(std::span<const TextRow> rows, std::span<const Classification> results);
  void count(const Classification& result);

  const LabelOptions& options_;
  const std::function<void(std::uint64_t)>& progress_;
  std::unique_ptr<const Classifier> classifier_;
  std::unique_ptr<data::ScoreWriter> writer_;
  LabelReport report_;
};

LabelReport LabelJob::run() {
  const auto start = std::chrono::steady_clock::now();
  const auto reader = open_texts(options_.input, {{}, options_.text_column, {}, options_.id_column});
  report_.text_column = reader->text_column();
  report_.id_column = options_.id_column;
  data::ScoreSchema schema;
  schema.has_ids = !options_.id_column.empty();
  schema.id_column = options_.id_column;
  for (const std::string& label : classifier_->labels()) schema.score_columns.push_back("score_" + label);
  schema.metadata["hasten.function"] = name_of(classifier_->function());
  schema.metadata["hasten.max_length"] = std::to_string(classifier_->max_length());
  writer_ = data::open_parquet_writer(options_.output, schema);
  classifier_->classify(*reader, [&](auto rows, auto results) { write(rows, results); });
  writer_->close();
  report_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return std::move(report_);
}

void LabelJob::write(std::span<const TextRow> rows, std::span<const Classification> results) {
  std::vector<data::ScoreRow> scores(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    scores[i] = {rows[i].id, rows[i].status, results[i].truncated, results[i].probabilities};
    ++report_.rows_by_status[data::status_text(scores[i])];
    count(results[i]);
  }
  writer_->write(scores);
  if (progress_) progress_(report_.rows);
}

void LabelJob::count(const Classification& result) {
  ++report_.rows;
  report_.tokens += static_cast<std::uint64_t>(result.token_count);
  if (result.truncated) ++report_.truncated;
  if (result.label_index >= 0) {
    ++report_.rows_by_label[classifier_->labels()[static_cast<std::size_t>(result.label_index)]];
  }
}

}  // namespace

LabelReport label(const LabelOptions& options,
                  const std::function<void(std::uint64_t rows)>& progress) {
  for (const auto& source : {options.input, options.model}) {
    std::error_code absent;
    if (std::filesystem::equivalent(source, options.output, absent)) {
      fail(ErrorCode::k_usage, "the output would replace what is read", options.output, {},
           "Name another output.");
    }
  }
  return LabelJob(options, progress).run();
}

}  // namespace hasten
