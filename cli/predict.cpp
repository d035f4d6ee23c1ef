#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include <hasten/classify.h>
#include <hasten/error.h>
#include <hasten/json.h>

#include "command.h"
#include "model_flags.h"
#include "terminal.h"

namespace hasten::cli {
namespace {

constexpr char k_examples[] = R"(Examples:
  hasten predict model.onnx "I got the job!" "Laid off again."
  hasten predict outputs/best_model --input tweets.csv --text-column text --json > scores.jsonl
  cat texts.txt | hasten predict model.onnx --input - --logits
  hasten predict --onnx_model_path model.onnx --text "I got the job!")";

struct Arguments {
  std::string model_path;
  std::string old_model;
  std::vector<std::string> old_texts;
  ModelFlags model;
  InputFlags input;
  bool json = false;
  bool logits = false;
  bool quiet = false;
};

// The rows as people read them: on a terminal aligned and cropped, otherwise separated by tabs.
class ScoreTable {
 public:
  ScoreTable(const Classifier& classifier, bool with_logits)
      : labels_(classifier.labels()), with_logits_(with_logits), aligned_(stdout_is_terminal()) {
    for (const std::string& label : labels_) {
      label_width_ = std::max(label_width_, columns_of(label));
    }
    label_width_ = std::min<std::size_t>(label_width_, 30);
  }

  void header() const {
    std::string logits;
    if (with_logits_) {
      for (const std::string& label : labels_)
        logits += aligned_ ? fmt::format("{:>12}", fit(label, 11)) : "\t" + label;
    }
    if (aligned_) {
      print(bold(pad("label") + "  probability" + logits + "  text") + "\n");
    } else {
      print("label\tprobability" + logits + "\ttext\n");
    }
  }

  void row(const TextRow& row, const Classification& result) const {
    if (result.label_index < 0) {
      return problem(row.problem.empty() ? name_of(row.status) : row.problem);
    }
    if (!has_finite_scores(result)) return problem("nonfinite: a score is NaN or infinite");
    const auto index = static_cast<std::size_t>(result.label_index);
    std::string logits;
    if (with_logits_) {
      for (const float logit : result.logits)
        logits += aligned_ ? fmt::format("{:>12.7g}", logit) : fmt::format("\t{}", logit);
    }
    const std::string text = row.text_pair ? row.text + " | " + *row.text_pair : row.text;
    if (aligned_) {
      const std::string head =
          fmt::format("{}  {:>11.6f}{}  ", pad(names(result)), result.probabilities[index], logits);
      print(head + crop(text, columns_of(head)) + "\n");
    } else {
      print(fmt::format("{}\t{}{}\t{}\n", names(result), result.probabilities[index], logits,
                        one_line(text)));
    }
  }

 private:
  // The label, or all those of a multi-label model.
  std::string names(const Classification& result) const {
    if (!result.label_indexes) return labels_[static_cast<std::size_t>(result.label_index)];
    std::string joined;
    for (const int index : *result.label_indexes) {
      joined += (joined.empty() ? "" : ",") + labels_[static_cast<std::size_t>(index)];
    }
    return joined.empty() ? "(none)" : joined;
  }

  void problem(const std::string& message) const {
    print(aligned_ ? red(pad("-")) + "  " + crop(message, label_width_ + 2) + "\n"
                   : "-\t" + std::string(with_logits_ ? labels_.size() : 0, '\t') + "\t" +
                         one_line(message) + "\n");
  }

  std::string pad(const std::string& label) const {
    const std::string fitted = fit(label, label_width_);
    return fitted + std::string(label_width_ - std::min(label_width_, columns_of(fitted)), ' ');
  }
  static std::string crop(const std::string& text, std::size_t used) {
    const std::size_t width = terminal_width();
    return fit(text, width > used + 10 ? width - used : 10);
  }
  static std::string one_line(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
    return text;
  }

  const std::vector<std::string>& labels_;
  bool with_logits_;
  bool aligned_;
  std::size_t label_width_ = 5;
};

struct Counts {
  std::uint64_t rows = 0;
  std::uint64_t truncated = 0;
  std::uint64_t unscored = 0;
  std::uint64_t nonfinite = 0;
};

// The warnings from number `first` on; how many there are.
std::size_t warn(const Classifier& classifier, std::size_t first) {
  const std::vector<std::string> warnings = classifier.warnings();
  for (std::size_t i = first; i < warnings.size(); ++i) fmt::print(stderr, "{}\n", warnings[i]);
  return warnings.size();
}

void tell(const Counts& counts, const Classifier& classifier) {
  if (counts.truncated > 0) {
    fmt::print(stderr, "{} of {} texts were cut to {} tokens.\n", format_count(counts.truncated),
               format_count(counts.rows), classifier.max_length());
  }
  if (counts.unscored > 0) {
    fmt::print(stderr, "{} of {} rows have no text and no scores.\n", format_count(counts.unscored),
               format_count(counts.rows));
  }
  if (counts.nonfinite > 0) {
    fmt::print(stderr,
               "{} of {} rows have scores that are not finite: numbers were too large for the "
               "precision, or weights are damaged.\n",
               format_count(counts.nonfinite), format_count(counts.rows));
  }
}

void classify_all(const Arguments& arguments, const std::filesystem::path& model,
                  const std::vector<std::string>& texts) {
  const auto reader = arguments.input.open(texts);
  const auto classifier = Classifier::open(model, arguments.model.options());
  const std::size_t warned = arguments.quiet ? 0 : warn(*classifier, 0);
  const ScoreTable table(*classifier, arguments.logits);
  if (!arguments.json) table.header();
  Counts counts;
  classifier->classify(*reader, [&](auto rows, auto results) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (arguments.json) {
        print(to_json(rows[i], results[i], classifier->labels()) + "\n");
      } else {
        table.row(rows[i], results[i]);
      }
      ++counts.rows;
      counts.truncated += results[i].truncated ? 1 : 0;
      counts.unscored += results[i].label_index < 0 ? 1 : 0;
      counts.nonfinite += has_finite_scores(results[i]) ? 0 : 1;
    }
    flush_output();
  });
  if (arguments.quiet) return;
  warn(*classifier, warned);  // what came while it ran
  tell(counts, *classifier);
}

void run(const Arguments& arguments, std::vector<std::string> texts) {
  std::string model = arguments.model_path;
  if (!arguments.old_model.empty()) {  // then what stands in the model's place is a text
    if (!model.empty()) texts.insert(texts.begin(), model);
    model = arguments.old_model;
  }
  if (model.empty()) {
    throw Error({ErrorCode::k_usage, "no model is given", {}, {}, "hasten predict MODEL TEXT..."});
  }
  texts.insert(texts.end(), arguments.old_texts.begin(), arguments.old_texts.end());
  classify_all(arguments, model, texts);
}

}  // namespace

void add_predict(CLI::App& app, const FreeArguments& free_arguments) {
  CLI::App* verb = app.add_subcommand("predict", "Classify texts: labels, probabilities, logits");
  const auto arguments = std::make_shared<Arguments>();
  verb->allow_extras();
  verb->add_option("model", arguments->model_path,
                   "ONNX file or checkpoint folder; the texts follow it");
  arguments->input.add_to(*verb);
  arguments->model.add_to(*verb);
  verb->add_flag("--json", arguments->json, "One JSON object a line for each row");
  verb->add_flag("--logits", arguments->logits, "Show the raw scores too");
  verb->add_flag("--quiet,-q", arguments->quiet, "No messages beside the results");
  verb->add_option("--onnx_model_path", arguments->old_model,
                   "The model, as the old script has it");
  verb->add_option("--text", arguments->old_texts, "A text, as the old script has it")
      ->allow_extra_args(false);
  verb->footer(k_examples);
  verb->callback([arguments, verb, &free_arguments] { run(*arguments, free_arguments.of(*verb)); });
}

}  // namespace hasten::cli
