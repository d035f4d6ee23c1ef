// What `convert`, `optimize` and `inspect` say.
#include <hasten/json.h>

#include "api/json_object.h"

namespace hasten {

using api::JsonObject;

std::string to_json(const ConvertReport& report) {
  return JsonObject()
      .add("architecture", report.architecture)
      .add("parameters", report.parameter_count)
      .add("labels", report.labels)
      .add("function", report.function)
      .add("function_reason", report.function_reason)
      .add("max_length", report.max_length)
      .add("max_length_reason", report.max_length_reason)
      .add("tokenizer", report.tokenizer)
      .add("output_bytes", report.output_bytes)
      .add("seconds", report.seconds)
      .str();
}

std::string to_json(const OptimizeReport& report) {
  std::vector<JsonObject> passes;
  for (const PassSummary& pass : report.passes) {
    passes.push_back(JsonObject()
                         .add("name", pass.name)
                         .add("summary", pass.summary)
                         .add("rewrites", pass.rewrites)
                         .add("seconds", pass.seconds)
                         .add("unmatched", pass.unmatched));
    if (pass.difference >= 0) passes.back().add("difference", pass.difference);
  }
  return JsonObject()
      .add("passes", passes)
      .add("unfused_layers", report.unfused_layers)
      .add("half_nodes", report.half_nodes)
      .add("clamped", report.clamped)
      .add("kept_in_float32", report.kept_in_float32)
      .add("int8_matrices", report.int8_matrices)
      .add("int8_tables", report.int8_tables)
      .add("nodes_before", report.nodes_before)
      .add("nodes_after", report.nodes_after)
      .add("output_bytes", report.output_bytes)
      .add("seconds", report.seconds)
      .str();
}

std::string to_json(const ModelSummary& summary) {
  return JsonObject()
      .add("kind", summary.kind)
      .add("architecture", summary.architecture)
      .add("producer", summary.producer)
      .add("inputs", summary.inputs)
      .add("input_roles", summary.input_roles)
      .add("outputs", summary.outputs)
      .add("opsets", summary.opsets)
      .add("labels", summary.labels)
      .add("function", summary.function)
      .add("function_reason", summary.function_reason)
      .add("max_length", summary.max_length)
      .add("max_length_reason", summary.max_length_reason)
      .add("tokenizer", summary.tokenizer)
      .add("parameters", summary.parameter_count)
      .add("weight_bytes", summary.weight_bytes)
      .add("operators", summary.operators)
      .add("optimized_operators", summary.optimized_operators)
      .add("fused", summary.fused)
      .add("passes_already_run", summary.passes_already_run)
      .add("precision_plan", summary.precision_plan)
      .add("measured_fidelity", summary.measured_fidelity)
      .add("source_hashes", summary.source_hashes)
      .add("tool_version", summary.tool_version)
      .add("obstacle", summary.obstacle)
      .str();
}

std::string to_json(const CpuSummary& summary) {
  std::vector<JsonObject> sets;
  for (const InstructionSet& set : summary.instruction_sets) {
    sets.push_back(JsonObject()
                       .add("name", set.name)
                       .add("needs", set.needs)
                       .add("precisions", set.precisions)
                       .add("available", set.available)
                       .add("chosen", set.chosen));
  }
  return JsonObject()
      .add("model", summary.model)
      .add("threads", summary.threads)
      .add("instruction_sets", sets)
      .str();
}

std::string to_json(const DeviceSummary& summary) {
  std::vector<JsonObject> devices;
  for (const Device& device : summary.devices) {
    devices.push_back(JsonObject()
                          .add("number", device.number)
                          .add("name", device.name)
                          .add("compute_capability", device.compute_capability)
                          .add("memory_bytes", device.memory_bytes)
                          .add("free_bytes", device.free_bytes)
                          .add("obstacle", device.obstacle));
  }
  return JsonObject()
      .add("devices", devices)
      .add("cuda_of_this_build", summary.runtime_version)
      .add("cuda_of_the_driver", summary.driver_version)
      .add("obstacle", summary.obstacle)
      .str();
}

}  // namespace hasten
