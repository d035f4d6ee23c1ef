#include "api/label_inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/error.h"
#include "data/remote_files.h"
#include "job/label_plan.h"

namespace hasten::api {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 5> k_output_extensions = {".parquet", ".csv", ".tsv", ".jsonl",
                                                            ".ndjson"};

bool is_folder(const fs::path& path) {
  std::error_code error;
  if (!data::is_remote(path)) return fs::is_directory(path, error);
  const auto entry = data::remote_files().find(path);
  return entry && entry->is_folder;
}

bool is_there(const fs::path& path) {
  std::error_code error;
  return data::is_remote(path) ? data::remote_files().find(path).has_value()
                               : fs::exists(path, error);
}

// Where it lies, by one name of all that it may have.
fs::path place_of(const fs::path& path) {
  return data::is_remote(path) ? path : fs::weakly_canonical(path);
}

bool is_file_name(const fs::path& path) {
  if (is_folder(path)) return false;
  for (const char* extension : k_output_extensions) {
    if (path.extension() == extension) return true;
  }
  return false;
}

// Folders are not called so: a file was meant, in a format that is not written, or standard output.
void refuse_other_files(const LabelOptions& options) {
  static constexpr std::array k_others = {".json", ".txt", ".xlsx",    ".xls",  ".gz",
                                          ".zst",  ".zip", ".feather", ".arrow"};
  const fs::path& output = options.output;
  const bool names_file =
      std::find(k_others.begin(), k_others.end(), output.extension()) != k_others.end();
  if (output != "-" && (!names_file || is_folder(output))) return;
  fail(ErrorCode::k_usage,
       output == "-" ? "scores are not written to standard output"
                     : "no table of scores is written in such a file",
       output, {}, "Name a file that ends in .parquet, .csv, .tsv or .jsonl, or a folder.");
}

bool is_one_file(const LabelOptions& options) {
  const std::string& input = options.inputs.front();
  return options.inputs.size() == 1 && (input == "-" || (is_there(input) && !is_folder(input)));
}

std::optional<data::Format> input_format(const LabelOptions& options) {
  if (options.input_format.empty()) return std::nullopt;
  return data::parse_format(options.input_format);
}

data::Format output_format(const LabelOptions& options, bool into_file) {
  if (!options.output_format.empty()) return data::parse_format(options.output_format);
  return into_file ? data::format_of(options.output) : data::Format::k_parquet;
}

bool lies_in(const fs::path& path, const fs::path& folder) {
  const fs::path relative = path.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

[[noreturn]] void fail_same_place(const fs::path& output) {
  fail(ErrorCode::k_usage, "the output would lie among what is read", output, {},
       "Name a folder or file apart from the inputs.");
}

void check_output_apart(const LabelOptions& options, const LabelFiles& files) {
  const fs::path output = place_of(options.output);
  for (const std::string& input : options.inputs) {
    if (is_folder(input) && lies_in(output, place_of(input))) {
      fail_same_place(options.output);
    }
  }
  for (const data::InputFile& input : files.inputs) {
    if (input.path == "-") continue;
    if (lies_in(place_of(input.path), output)) fail_same_place(options.output);
  }
  for (const LabelModel& model : options.models) {
    if (is_there(model.path) && lies_in(place_of(model.path), output)) {
      fail(ErrorCode::k_usage, "the output would replace the model", options.output, {},
           "Name another output.");
    }
  }
}

void check_part_names(const LabelFiles& files) {
  std::map<std::string, fs::path> inputs;
  for (const data::InputFile& input : files.inputs) {
    const std::string part = job::part_name(input, files.output_format);
    const auto [first, is_new] = inputs.try_emplace(part, input.path);
    if (is_new) continue;
    fail(ErrorCode::k_usage, fmt::format("two inputs would both become {}", part),
         first->second.string() + " and " + input.path.string(), {},
         "Give the folder that holds both, or rename one.");
  }
}

}  // namespace

LabelFiles find_label_files(const LabelOptions& options) {
  if (options.inputs.empty()) fail(ErrorCode::k_usage, "no input is given");
  if (options.output.empty()) fail(ErrorCode::k_usage, "no output is given");
  LabelFiles files;
  refuse_other_files(options);
  files.into_file = is_file_name(options.output) && is_one_file(options);
  if (is_file_name(options.output) && !files.into_file && options.inputs.front() != "-") {
    // A missing input is told first.
    data::find_input_files(options.inputs, input_format(options));
    fail(ErrorCode::k_usage, "one output file is named for more than one input", options.output, {},
         "Name a folder, and make one file of its parts with 'hasten merge'.");
  }
  files.output_format = output_format(options, files.into_file);
  if (options.inputs.front() == "-" && options.inputs.size() == 1) {
    if (!files.into_file) {
      fail(ErrorCode::k_usage, "standard input goes to one file, not to a folder", options.output,
           {}, "Name an output file that ends in .parquet, .csv, .tsv or .jsonl.");
    }
    files.inputs.push_back(
        {"-", "-", "-", 0, input_format(options).value_or(data::Format::k_lines)});
    return files;
  }
  data::InputFiles found = data::find_input_files(options.inputs, input_format(options));
  files.inputs = std::move(found.files);
  for (const fs::path& path : found.skipped) files.skipped.push_back(path);
  check_output_apart(options, files);
  check_part_names(files);
  return files;
}

}  // namespace hasten::api
