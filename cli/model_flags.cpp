#include "model_flags.h"

#include <unistd.h>

#include <hasten/error.h>

namespace hasten::cli {
namespace {

// The texts of the command line as rows.
class ArgumentReader : public TextReader {
 public:
  explicit ArgumentReader(const std::vector<std::string>& texts) : rows_(rows_of(texts)) {}

  bool read(std::vector<TextRow>& rows, std::size_t at_most) override {
    for (; at_most > 0 && next_ < rows_.size(); --at_most) rows.push_back(rows_[next_++]);
    return next_ < rows_.size();
  }

 private:
  std::vector<TextRow> rows_;
  std::size_t next_ = 0;
};

}  // namespace

std::string positive_number(const std::string& text) {
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  return digits && text.find_first_not_of('0') != std::string::npos
             ? ""
             : "must be a positive whole number, not " + text;
}

void ModelFlags::add_to(CLI::App& verb, Precisions precisions) {
  if (precisions == Precisions::k_choosable) {
    verb.add_option(
            "--precision", precision,
            "Arithmetic: fp32, bf16, int8 and int8-plain (CPU: a little faster and less exact than "
            "int8), fp16 and fp8 (GPU); auto: what 'hasten tune' has recorded in the model, int8 "
            "where its weights are stored so, else fp32")
        ->capture_default_str();
    verb.add_flag("--exact", parsed.exact,
                  "Every operator as the file says, int8 per tensor included: what its runtime "
                  "computes; slow");
  }
  verb.add_option("--device", parsed.device,
                  "cpu, cuda (or cuda:1, cuda:0,1), or auto: a GPU if there is one")
      ->envname("HASTEN_DEVICE")
      ->capture_default_str();
  verb.add_option("--threads", parsed.threads, "Threads; 0: all that this process may use")
      ->envname("HASTEN_THREADS")
      ->capture_default_str();
  verb.add_option("--function", function,
                  "What turns logits into probabilities: softmax, sigmoid or none "
                  "(default: what the model says)");
  verb.add_option("--max-length", max_length,
                  "Tokens a text is cut to, special ones included (default: what the model says)")
      ->check(positive_number);
  verb.add_option("--tokenizer", parsed.tokenizer,
                  "Folder of the tokenizer's files and config.json, for an ONNX file without them "
                  "(default: the model's own, or what lies beside it)");
  verb.add_option("--isa", parsed.isa,
                  "Instruction set, a name of 'hasten inspect --cpu' (default: the best there is)");
}

ModelOptions ModelFlags::options() const {
  ModelOptions options = parsed;
  options.precision = parse_precision(precision);
  if (!function.empty()) options.function = parse_function(function);
  if (max_length > 0) options.max_length = max_length;
  return options;
}

void InputFlags::add_to(CLI::App& verb) {
  verb.add_option("--input,-i", path,
                  "A file of texts (.txt .jsonl .csv .tsv), or - for standard input");
  verb.add_option("--input-format", options.format,
                  "txt, jsonl, csv or tsv (default: by extension; standard input: txt)");
  verb.add_option("--text-column", options.text_column,
                  "Column or JSON key of the texts (default: guessed from usual names)");
  verb.add_option("--pair-column", options.pair_column, "Column or JSON key of the second texts");
  verb.add_flag_callback(
      "--no-quoting", [this] { options.quoting = false; }, k_no_quoting_help);
}

std::unique_ptr<TextReader> InputFlags::open(const std::vector<std::string>& texts) const {
  if (!path.empty() && !texts.empty()) {
    throw Error({ErrorCode::k_usage,
                 "texts are given both as arguments and by --input",
                 {},
                 {},
                 "Give one of the two."});
  }
  if (!path.empty()) return open_texts(path, options);
  if (!options.format.empty() || !options.text_column.empty() || !options.pair_column.empty() ||
      !options.quoting) {
    throw Error({ErrorCode::k_usage,
                 "a format, a column or --no-quoting is given without --input",
                 {},
                 {},
                 "They describe the file of --input."});
  }
  if (texts.empty()) {
    throw Error({ErrorCode::k_usage,
                 "no text is given",
                 {},
                 {},
                 "Give texts as arguments, or --input FILE, or --input - for standard input."});
  }
  return std::make_unique<ArgumentReader>(texts);
}

}  // namespace hasten::cli
