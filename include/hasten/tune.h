// The fastest precisions of a model whose scores stay within a budget, on the user's own texts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <hasten/options.h>
#include <hasten/texts.h>
#include <hasten/verify.h>

namespace hasten {

struct TuneOptions {
  std::filesystem::path model;  // an ONNX file or a checkpoint folder
  std::filesystem::path
      output;  // an ONNX file with the plan in it, replaced atomically; empty: none is written
  std::filesystem::path input;  // texts
  TextOptions texts;
  std::size_t limit = 10'000;  // texts at most; 0: all
  std::string budget = k_default_budget;
  double time_limit = 600;     // seconds; the search stops in time for the last check
  ModelOptions model_options;  // precision is not used
};

// A plan that was measured.
struct TunePoint {
  std::string name;    // "fp32", "bf16", "int8", "int8, 12 of 26 products bf16"
  double speed = 0;    // in relation to fp32, by processor time; of a mix that was not chosen,
                       // reckoned from the plans of one precision
  double figure = 0;   // of the budget's first clause
  bool holds = false;  // the budget
  bool chosen = false;
};

// What computing one matrix product in a lower precision costs and saves.
struct ProductSensitivity {
  std::string product;
  Precision precision = Precision::k_int8;
  double error = 0;   // mean square of the change of the margins
  double saving = 0;  // share of fp32's time
  Precision chosen = Precision::k_float32;
};

struct TuneReport {
  std::string model;
  std::string budget;
  std::string plan;  // "int8, 12 of 74 products bf16"
  std::vector<std::pair<std::string, Precision>>
      products;                          // of the plan, in the order in which they run
  Precision lowest = Precision::k_int8;  // that the search went down to
  std::vector<TunePoint> points;
  std::vector<ProductSensitivity> sensitivities;  // empty when the search needed none
  std::vector<BudgetResult> clauses;              // of the chosen plan, on all texts
  double speed_over_fp32 = 0;                     // of the chosen plan, by processor time
  double speed_over_bf16 = 0;                     // 0 where the processor has no bf16
  double int8_over_bf16 = 0;
  std::uint64_t texts = 0;
  std::vector<std::string> notes;
  double seconds = 0;
};

// Throws what verify() throws, k_unsupported for a graph that runs on the generic engine, and
// k_output.
TuneReport tune(const TuneOptions& options, const VerifyProgress& progress = {});

std::string to_html(const TuneReport& report);

}  // namespace hasten
