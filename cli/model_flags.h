// The flags that verbs which run a model share.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

#include <hasten/options.h>
#include <hasten/texts.h>

namespace hasten::cli {

// A check of CLI11's kind: what is wrong with a number, or nothing.
std::string positive_number(const std::string& text);

// --precision, --exact, --device, --threads, --function, --max-length, --tokenizer, --isa.
struct ModelFlags {
  std::string precision = "auto";
  std::string function;
  std::int64_t max_length = 0;
  ModelOptions parsed;

  enum class Precisions { k_choosable, k_left_out };
  void add_to(CLI::App& verb, Precisions precisions = Precisions::k_choosable);
  // Throws k_usage.
  ModelOptions options() const;
};

constexpr char k_no_quoting_help[] =
    "In CSV and TSV no field is quoted: quotes are characters of the texts";

// --input, --input-format, --text-column, --pair-column, --no-quoting.
struct InputFlags {
  std::string path;
  TextOptions options;

  void add_to(CLI::App& verb);
  // The rows of --input, or of `texts` when it is not given; throws k_usage when both or neither are.
  std::unique_ptr<TextReader> open(const std::vector<std::string>& texts) const;
};

}  // namespace hasten::cli
