#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>

#include <hasten/error.h>

#include "command.h"
#include "suggestions.h"
#include "terminal.h"

namespace {

using hasten::ErrorCode;

constexpr char k_footer[] = R"(Start here:
  hasten convert CHECKPOINT_FOLDER model.onnx
  hasten predict model.onnx "I got the job!"

'hasten VERB --help' explains a verb, with examples.
Exit codes: 0 done, 2 usage, 3 not found, 4 malformed file, 5 unsupported, 6 unusable data,
7 output not written, 8 over budget, 9 incomplete, 10 out of memory, 70 internal error.)";

void print_error(const std::string& message) {
  fmt::print(stderr, "hasten: {}\n", message);
}

std::vector<std::string> names_of_verbs(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands({})) names.push_back(verb->get_name());
  return names;
}

// The last line of a usage error: what was probably meant, or where help is.
std::string remedy_for(const CLI::App& app, int argc, char** argv) {
  const auto verbs = app.get_subcommands();
  if (verbs.empty()) {
    const std::string guess =
        argc > 1 ? hasten::cli::nearest(argv[1], names_of_verbs(app)) : std::string();
    return guess.empty() ? "See 'hasten --help'." : fmt::format("Did you mean '{}'?", guess);
  }
  const CLI::App& verb = *verbs.front();
  for (int i = 2; i < argc; ++i) {
    std::string flag = argv[i];
    flag = flag.substr(0, flag.find('='));
    if (!flag.starts_with("--") || flag == "--") continue;
    const auto flags = hasten::cli::names_of_flags(verb);
    if (std::find(flags.begin(), flags.end(), flag) != flags.end()) continue;
    const std::string guess = hasten::cli::nearest(flag, flags);
    if (!guess.empty()) return fmt::format("Did you mean '{}'?", guess);
  }
  return fmt::format("See 'hasten {} --help'.", verb.get_name());
}

void add_verbs(CLI::App& app, const hasten::cli::FreeArguments& free_arguments) {
  using namespace hasten::cli;
  add_convert(app);
  add_optimize(app);
  add_inspect(app);
  add_predict(app, free_arguments);
  add_tokenize(app, free_arguments);
  add_run(app);
  add_label(app);
  add_status(app);
  add_merge(app);
  add_verify(app);
  add_tune(app);
  add_bench(app);
}

// Cuts the arguments of the verbs that take texts at the first "--".
hasten::cli::FreeArguments take_free_arguments(int& argc, char** argv) {
  const std::string verb = argc > 1 ? argv[1] : "";
  if (verb != "predict" && verb != "tokenize") return {};
  char** const dashes = std::find_if(argv, argv + argc,
                                     [](const char* word) { return std::strcmp(word, "--") == 0; });
  if (dashes == argv + argc) return {};
  hasten::cli::FreeArguments free_arguments{{dashes + 1, argv + argc}};
  argc = static_cast<int>(dashes - argv);
  return free_arguments;
}

int report_parse_error(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    return app.exit(error);  // --help and --version
  }
  const bool unknown_verb = app.get_subcommands().empty() && argc > 1;
  print_error(fmt::format("{}\n{}",
                          unknown_verb ? fmt::format("there is no {} '{}'",
                                                     argv[1][0] == '-' ? "option" : "verb", argv[1])
                                       : error.what(),
                          remedy_for(app, argc, argv)));
  return static_cast<int>(ErrorCode::k_usage);
}

int run(int argc, char** argv) {
  const hasten::cli::FreeArguments free_arguments = take_free_arguments(argc, argv);
  CLI::App app("Hasten makes fine-tuned BERT-family text classifiers fast and keeps their scores.",
               "hasten");
  app.set_version_flag("--version", "hasten " HASTEN_VERSION);
  app.require_subcommand(1);
  app.footer(k_footer);
  app.get_formatter()->column_width(34);
  add_verbs(app, free_arguments);
  try {
    app.parse(argc, argv);
    hasten::cli::flush_output();
    return 0;
  } catch (const CLI::ParseError& error) {
    return report_parse_error(app, error, argc, argv);
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const hasten::Error& error) {
    print_error(error.what());
    return static_cast<int>(error.code());
  } catch (const std::bad_alloc&) {
    print_error("out of memory\nUse a machine with more memory, or fewer threads.");
    return static_cast<int>(ErrorCode::k_out_of_memory);
  } catch (const std::exception& error) {
    print_error(fmt::format(
        "internal error: {}\nPlease report this, with the command that caused it.", error.what()));
    return static_cast<int>(ErrorCode::k_internal);
  }
}
