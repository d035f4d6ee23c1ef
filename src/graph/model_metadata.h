// What a converted file knows about itself beside its graph: the documented keys of metadata_props.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <hasten/options.h>

namespace hasten::graph {

// Keys (schema version 1), all under "hasten.": see docs/file-format.md. Binary files are in
// base64.
struct ModelMetadata {
  std::string architecture;         // "BertForSequenceClassification"
  std::string model_type;           // "bert"
  std::vector<std::string> labels;  // in class order
  Function function = Function::k_softmax;
  std::string function_reason;    // where the choice comes from: "config.json: problem_type ..."
  std::int64_t max_length = 512;  // tokens, special ones included
  std::string max_length_reason;
  std::map<std::string, std::string> tokenizer_files;  // name -> content: "vocab.txt", ...
  // simpletransformers' do_lower_case, which counts where tokenizer_config.json has none.
  std::optional<bool> model_args_lower_case;
  std::map<std::string, std::string> source_hashes;  // file name -> SHA-256 in hex
  std::string tool_version;
  std::vector<std::string> passes;  // names, in the order in which they changed the graph

  // Sliding windows over long texts, as simpletransformers makes them.
  bool sliding_window = false;
  double stride = 0.8;                // share of a window, or tokens when above 1
  std::int64_t tie_value = 1;         // the class that a tied vote goes to
  std::int64_t window_reserve = 2;    // tokens of a window that are not the text's
  bool window_leading_space = false;  // a space goes before a text that begins with none
  std::vector<double> thresholds;     // per class, for multi-label models; empty: 0.5

  // The fastest precisions whose scores keep the order of the texts that the model was tuned on, in
  // the form of engine/precision_plan.h; empty: never tuned.
  std::string precision_plan;
  // What was measured of that plan, as a JSON object: budget, clauses, number of texts, speed.
  std::string measured_fidelity;
};

// Writes the keys into metadata_props, beside whatever is there.
void write_metadata(const ModelMetadata& metadata, std::map<std::string, std::string>& properties);

// Nothing when no key of Hasten's is there; throws k_malformed on a damaged entry and k_unsupported
// on a newer schema version.
std::optional<ModelMetadata> read_metadata(const std::map<std::string, std::string>& properties);

}  // namespace hasten::graph
