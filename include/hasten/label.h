// A table of texts in, a Parquet file of scores out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include <hasten/options.h>

namespace hasten {

struct LabelOptions {
  std::filesystem::path model;
  std::filesystem::path input;       // txt, jsonl, csv or tsv
  std::filesystem::path output;      // the Parquet file; appears whole, at the end
  std::string text_column;           // empty: guessed from usual names
  std::string id_column;             // copied to the output; empty: no ids
  ModelOptions model_options;
};

struct LabelReport {
  std::uint64_t rows = 0;
  std::map<std::string, std::uint64_t> rows_by_status;  // "ok", "truncated", "empty", ...
  std::map<std::string, std::uint64_t> rows_by_label;
  std::uint64_t tokens = 0;
  std::uint64_t truncated = 0;
  std::string text_column;
  std::string id_column;
  double seconds = 0;
};

// `progress` is called now and then with the rows done so far (may be empty). Every input row is one
// output row, in order. Throws what Classifier::open and TextSource::open throw, and k_output.
LabelReport label(const LabelOptions& options,
                  const std::function<void(std::uint64_t rows)>& progress = {});

}  // namespace hasten
