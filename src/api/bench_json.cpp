#include <hasten/json.h>

#include "api/json_object.h"

namespace hasten {

using api::JsonObject;

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
