// What `label`, `status` and `merge` say.
#include <hasten/json.h>

#include "api/json_object.h"

namespace hasten {
namespace {

using api::JsonObject;

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

}  // namespace hasten
