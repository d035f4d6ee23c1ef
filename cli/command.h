// A verb of the command line.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace hasten::cli {

// The texts of a command line: arguments that are no options, and all that stand after "--". They are
// taken from what CLI11 leaves over, since it gives a meaning of its own to texts like "[a,b]".
struct FreeArguments {
  std::vector<std::string> after_dashes;  // outlives every callback

  // Those of `verb`, in order; throws k_usage for what looks like a misspelt option.
  std::vector<std::string> of(const CLI::App& verb) const;
};

// Each verb's file defines one: it adds the verb with its options to `app` and sets the callback that
// does the work; the callback throws hasten::Error.
void add_convert(CLI::App& app);
void add_optimize(CLI::App& app);
void add_inspect(CLI::App& app);
void add_predict(CLI::App& app, const FreeArguments& free_arguments);
void add_tokenize(CLI::App& app, const FreeArguments& free_arguments);
void add_label(CLI::App& app);
void add_status(CLI::App& app);
void add_merge(CLI::App& app);
void add_run(CLI::App& app);
void add_bench(CLI::App& app);
void add_verify(CLI::App& app);
void add_tune(CLI::App& app);

}  // namespace hasten::cli
