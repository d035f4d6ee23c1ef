// What a bulk job reads and where it writes, decided before anything is opened.
#pragma once

#include <hasten/label.h>

#include <string>
#include <vector>

#include "data/input_files.h"

namespace hasten::api {

struct LabelFiles {
  std::vector<data::InputFile> inputs;
  std::vector<std::string> skipped;  // in folders: the format is not known
  bool into_file = false;            // the output is one file, and there is one input
  data::Format output_format = data::Format::k_parquet;
};

// Throws k_not_found, and k_usage for an output file with several inputs, an output that is or lies
// in what is read, and two inputs whose parts would have one name.
LabelFiles find_label_files(const LabelOptions& options);

}  // namespace hasten::api
