#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

#include <hasten/error.h>
#include <hasten/run.h>

#include "command.h"
#include "terminal.h"
#include "write_file.h"

namespace hasten::cli {
namespace {

constexpr char k_examples[] = R"(Examples:
  hasten run model.onnx --inputs inputs.json
  echo '{"input_ids": [[101, 102]], "attention_mask": [[1, 1]]}' | hasten run model.onnx --inputs -
  hasten run quantised.onnx --inputs inputs.json --output outputs.json

The inputs are one JSON object of input name -> nested lists, and so are the outputs. Elements have the
types that 'hasten inspect' shows; "NaN", "Infinity" and "-Infinity" are strings.)";

struct Arguments {
  std::filesystem::path model;
  std::string inputs;
  std::filesystem::path output;
};

std::string read_all(std::istream& stream, const std::string& name) {
  std::string text(std::istreambuf_iterator<char>(stream), {});
  if (!stream.bad()) return text;
  throw Error({ErrorCode::k_not_found, "cannot be read to its end", name, {}, {}});
}

std::string read_inputs(const std::string& path) {
  if (path == "-") return read_all(std::cin, "standard input");
  std::ifstream file(path, std::ios::binary);
  if (file && !std::filesystem::is_directory(path)) return read_all(file, path);
  throw Error({ErrorCode::k_not_found, "cannot be opened", path, "no such file, or no permission",
               "Give a JSON file, or - for standard input."});
}

void run(const Arguments& arguments) {
  const std::string where = arguments.inputs == "-" ? "standard input" : arguments.inputs;
  const std::string outputs =
      run_graph(arguments.model, read_inputs(arguments.inputs), where) + "\n";
  arguments.output.empty() ? print(outputs) : write_file(arguments.output, outputs);
}

}  // namespace

void add_run(CLI::App& app) {
  CLI::App* verb =
      app.add_subcommand("run", "Compute any ONNX graph on inputs of your own, exactly as it says");
  const auto arguments = std::make_shared<Arguments>();
  verb->add_option("model", arguments->model, "ONNX file or checkpoint folder")->required();
  verb->add_option("--inputs", arguments->inputs,
                   "JSON file of the inputs, or - for standard input")
      ->required();
  verb->add_option("--output,-o", arguments->output,
                   "JSON file to write (default: standard output)");
  verb->add_flag_function(
      "--exact", [](std::int64_t) {}, "Every operator as the file says: always so here");
  verb->footer(k_examples);
  verb->callback([arguments] { run(*arguments); });
}

}  // namespace hasten::cli
