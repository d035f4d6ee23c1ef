#include <hasten/json.h>

#include "api/json_object.h"

namespace hasten {
namespace {

using api::JsonObject;

// The fields that every row's object begins with.
JsonObject begin_row(const TextRow& row) {
  JsonObject object;
  if (has_text(row.status)) {
    object.add("text", row.text);
  } else {
    object.add("text", nullptr);
  }
  if (row.text_pair) object.add("text_pair", *row.text_pair);
  return object;
}

std::string end_row(JsonObject& object, const TextRow& row) {
  if (row.status != RowStatus::k_ok) {
    object.add("error", row.problem.empty() ? name_of(row.status) : row.problem);
  }
  return object.str();
}

JsonObject speed_object(const LabelSpeed& speed) {
  return JsonObject()
      .add("seconds", speed.seconds)
      .add("encoded_texts", speed.encoded_texts)
      .add("forward_texts", speed.forward_texts)
      .add("forward_tokens", speed.forward_tokens)
      .add("duplicates", speed.duplicates)
      .add("results_received", speed.results_received)
      .add("read_seconds", speed.read_seconds)
      .add("encode_seconds", speed.encode_seconds)
      .add("compute_seconds", speed.compute_seconds)
      .add("write_seconds", speed.write_seconds)
      .add("idle_seconds", speed.idle_seconds)
      .add("peak_memory", speed.peak_memory);
}

}  // namespace

std::string to_json(const TextRow& row, const Classification& result,
                    std::span<const std::string> labels) {
  JsonObject object = begin_row(row);
  const bool is_finite = has_finite_scores(result);
  if (result.label_index >= 0 && is_finite) {
    object.add("label", labels[static_cast<std::size_t>(result.label_index)]);
  } else {
    object.add("label", nullptr);
  }
  if (result.label_indexes) {
    std::vector<std::string> chosen;
    for (const int index : *result.label_indexes)
      chosen.push_back(labels[static_cast<std::size_t>(index)]);
    object.add("labels", chosen);
  }
  object.add("probabilities", result.probabilities)
      .add("logits", result.logits)
      .add("token_count", result.token_count)
      .add("truncated", result.truncated);
  if (!result.window_logits.empty()) object.add("window_logits", result.window_logits);
  // As in the status column of `label`, this counts more than what is wrong with the text.
  if (!is_finite) return object.add("error", "nonfinite: a score is NaN or infinite").str();
  return end_row(object, row);
}

std::string to_json(const TextRow& row, const Tokens& tokens) {
  JsonObject object = begin_row(row);
  object.add("tokens", tokens.tokens)
      .add("ids", tokens.ids)
      .add("type_ids", tokens.type_ids)
      .add("truncated", tokens.truncated);
  return end_row(object, row);
}

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

std::string to_json(const LabelReport& report) {
  std::vector<JsonObject> failures;
  for (const LabelFailure& failure : report.failures) {
    failures.push_back(JsonObject()
                           .add("input", failure.input)
                           .add("error", error_code_name(failure.code))
                           .add("message", failure.message));
  }
  return JsonObject()
      .add("complete", report.complete)
      .add("stopped", report.stopped)
      .add("rows", report.rows)
      .add("rows_before", report.rows_before)
      .add("rows_by_status", report.rows_by_status)
      .add("rows_by_label", report.rows_by_label)
      .add("tokens", report.tokens)
      .add("parts", report.parts)
      .add("parts_total", report.parts_total)
      .add("failures", failures)
      .add("skipped", report.skipped)
      .add("columns", report.columns)
      .add("text_column", report.text_column)
      .add("id_column", report.id_column)
      .add("page", report.page)
      .add("speed", speed_object(report.speed))
      .str();
}

std::string to_json(const LabelEstimate& estimate) {
  return JsonObject()
      .add("files", estimate.files)
      .add("bytes", estimate.bytes)
      .add("rows", estimate.rows)
      .add("rows_are_exact", estimate.rows_are_exact)
      .add("files_done", estimate.files_done)
      .add("rows_done", estimate.rows_done)
      .add("probe_rows", estimate.probe_rows)
      .add("probe_seconds", estimate.probe_seconds)
      .add("texts_per_second", estimate.texts_per_second)
      .add("tokens_per_second", estimate.tokens_per_second)
      .add("seconds", estimate.seconds)
      .add("skipped", estimate.skipped)
      .add("columns", estimate.columns)
      .add("text_column", estimate.text_column)
      .add("id_column", estimate.id_column)
      .str();
}

std::string to_json(const JobStatus& status) {
  return JsonObject()
      .add("complete", status.complete)
      .add("parts", status.parts)
      .add("parts_total", status.parts_total)
      .add("bytes", status.bytes)
      .add("bytes_total", status.bytes_total)
      .add("rows", status.rows)
      .add("rows_waiting", status.rows_waiting)
      .add("rows_by_status", status.rows_by_status)
      .add("rows_by_label", status.rows_by_label)
      .add("remaining", status.remaining)
      .add("damaged", status.damaged)
      .add("settings", status.settings)
      .str();
}

std::string to_json(const MergeReport& report) {
  return JsonObject()
      .add("parts", report.parts)
      .add("rows", report.rows)
      .add("bytes", report.bytes)
      .add("seconds", report.seconds)
      .str();
}

std::string to_json(const BenchReport& report) {
  JsonObject object;
  object.add("texts", report.texts)
      .add("tokens", report.tokens)
      .add("seconds", report.seconds)
      .add("texts_per_second", report.texts_per_second)
      .add("tokens_per_second", report.tokens_per_second)
      .add("flops_per_second", report.flops_per_second)
      .add("peak_flops", report.peak_flops)
      .add("peak_ratio", report.peak_ratio)
      .add("description", report.description)
      .add("notes", report.notes)
      .add("peak_memory", report.peak_memory);
  std::vector<JsonObject> runs;
  for (const BenchRun& run : report.runs) {
    runs.push_back(
        JsonObject().add("seconds", run.seconds).add("processor_share", run.processor_share));
  }
  object.add("runs", runs);
  if (report.latency) {
    object.add("latency", JsonObject()
                              .add("median", report.latency->median)
                              .add("percentile_99", report.latency->percentile_99));
  }
  std::vector<JsonObject> profile;
  for (const ProfiledWork& work : report.profile) {
    profile.push_back(JsonObject()
                          .add("name", work.name)
                          .add("seconds", work.seconds)
                          .add("share", work.share)
                          .add("flops_per_second", work.flops_per_second)
                          .add("calls", work.calls));
  }
  if (!profile.empty()) object.add("profile", profile);
  return object.str();
}

}  // namespace hasten
