#include <fmt/format.h>

#include <memory>

#include <hasten/error.h>
#include <hasten/json.h>
#include <hasten/tokenize.h>

#include "command.h"
#include "model_flags.h"
#include "terminal.h"

namespace hasten::cli {
namespace {

constexpr char k_examples[] = R"(Examples:
  hasten tokenize model.onnx "I got the job!"
  hasten tokenize outputs/best_model --input tweets.txt --json > ids.jsonl)";

constexpr std::size_t k_rows_per_read = 1024;

struct Arguments {
  std::filesystem::path model;
  InputFlags input;
  std::int64_t max_length = 0;
  bool json = false;
};

// Tokens and ids of one row; `row` may have no text.
void print_row(const TextTokenizer& tokenizer, const TextRow& row, bool json) {
  const Tokens tokens = has_text(row.status) ? tokenizer.tokenize(row) : Tokens{};
  if (json) return print(to_json(row, tokens) + "\n");
  if (!has_text(row.status)) return print(red("-  " + row.problem) + "\n");
  std::string line;
  for (std::size_t i = 0; i < tokens.ids.size(); ++i) {
    line += fmt::format("{}{} {}", i == 0 ? "" : "  ", fit(tokens.tokens[i], 60),
                        dim(std::to_string(tokens.ids[i])));
  }
  print(line + "\n");
}

void run(const Arguments& arguments, const std::vector<std::string>& texts) {
  const auto reader = arguments.input.open(texts);
  std::optional<std::int64_t> max_length;
  if (arguments.max_length > 0) max_length = arguments.max_length;
  const auto tokenizer = TextTokenizer::open(arguments.model, max_length);
  for (bool more = true; more;) {
    std::vector<TextRow> rows;
    more = reader->read(rows, k_rows_per_read);
    for (const TextRow& row : rows) print_row(*tokenizer, row, arguments.json);
    flush_output();
  }
}

}  // namespace

void add_tokenize(CLI::App& app, const FreeArguments& free_arguments) {
  CLI::App* verb = app.add_subcommand("tokenize", "Show the tokens and ids that a model sees");
  const auto arguments = std::make_shared<Arguments>();
  verb->add_option("model", arguments->model,
                   "ONNX file, checkpoint folder or tokenizer folder; the texts follow it")
      ->required();
  verb->allow_extras();
  arguments->input.add_to(*verb);
  verb->add_option("--max-length", arguments->max_length,
                   "Tokens a text is cut to, special ones included (default: what the model says)")
      ->check(positive_number);
  verb->add_flag("--json", arguments->json,
                 "One JSON object a line for each row: text, tokens, ids, type_ids, truncated");
  verb->footer(k_examples);
  verb->callback([arguments, verb, &free_arguments] { run(*arguments, free_arguments.of(*verb)); });
}

}  // namespace hasten::cli
