// A verb of the command line.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>

namespace hasten::cli {

// Each verb's file defines one: it adds the verb with its options to `app` and sets the callback that
// does the work; the callback throws hasten::Error.
void add_convert(CLI::App& app);
void add_optimize(CLI::App& app);
void add_inspect(CLI::App& app);
void add_predict(CLI::App& app);
void add_tokenize(CLI::App& app);
void add_label(CLI::App& app);
void add_bench(CLI::App& app);

}  // namespace hasten::cli
