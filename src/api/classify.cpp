#include <hasten/classify.h>

#include <fmt/format.h>

#include <mutex>

#include "api/open_classifier.h"
#include "classifier/probabilities.h"
#include "pipeline/score_pipeline.h"

namespace hasten {
namespace {

class PipelineClassifier : public Classifier {
 public:
  PipelineClassifier(std::unique_ptr<const classifier::TextClassifier> classifier, int threads)
      : classifier_(std::move(classifier)), threads_(threads), pipeline_(*classifier_, {threads}) {}

  const std::vector<std::string>& labels() const override { return classifier_->labels(); }
  Function function() const override { return classifier_->function(); }
  bool multi_label() const override { return classifier_->multi_label(); }
  std::int64_t max_length() const override { return classifier_->max_length(); }

  std::string description() const override {
    return fmt::format("{}, {}, {} thread{}", classifier_->session().description(),
                       engine::summary(classifier_->session().products()), threads_,
                       threads_ == 1 ? "" : "s");
  }

  std::vector<std::string> warnings() const override {
    std::vector<std::string> warnings;
    const std::string& obstacle = classifier_->session().obstacle();
    if (!obstacle.empty()) {
      warnings.push_back("This graph runs on the generic engine, in float32 alone: " + obstacle +
                         ".");
    }
    for (std::string& note : classifier_->session().notes()) warnings.push_back(std::move(note));
    return warnings;
  }

  std::vector<Classification> classify(std::span<const TextRow> rows) const override {
    const std::lock_guard lock(mutex_);
    return interpret(pipeline_.run(rows));
  }

  void classify(TextReader& reader, const Sink& sink) const override {
    const std::lock_guard lock(mutex_);
    pipeline_.run(reader, [&](auto rows, auto scores) { sink(rows, interpret(scores)); });
  }

 private:
  std::vector<Classification> interpret(std::span<const pipeline::RowScores> scores) const {
    std::vector<Classification> results(scores.size());
    for (std::size_t i = 0; i < scores.size(); ++i) results[i] = interpret(scores[i]);
    return results;
  }

  Classification interpret(const pipeline::RowScores& scores) const {
    Classification result;
    result.logits = scores.logits;
    result.token_count = scores.token_count;
    result.truncated = scores.truncated;
    if (scores.logits.empty()) return result;
    result.probabilities.resize(scores.logits.size());
    classifier::apply_function(classifier_->function(), scores.logits, result.probabilities);
    result.label_index = classifier_->choose_label(scores.logits, scores.window_logits);
    if (multi_label()) result.label_indexes = classifier_->choose_labels(result.probabilities);
    const std::size_t classes = scores.logits.size();
    for (auto row = scores.window_logits.begin(); row != scores.window_logits.end();
         row += classes) {
      result.window_logits.emplace_back(row, row + classes);
    }
    return result;
  }

  std::unique_ptr<const classifier::TextClassifier> classifier_;
  int threads_;
  // The pipeline's threads serve one caller at a time; others wait their turn.
  mutable std::mutex mutex_;
  mutable pipeline::ScorePipeline pipeline_;
};

}  // namespace

bool has_finite_scores(const Classification& result) {
  return classifier::are_finite(result.logits, result.probabilities);
}

std::unique_ptr<const Classifier> Classifier::open(const std::filesystem::path& model,
                                                   const ModelOptions& options) {
  const int threads = api::thread_count(options);
  return std::make_unique<PipelineClassifier>(api::open_classifier(model, options), threads);
}

}  // namespace hasten
