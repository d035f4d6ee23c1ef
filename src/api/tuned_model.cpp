#include "api/tuned_model.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>

#include "api/json_object.h"
#include "base/error.h"
#include "graph/model_metadata.h"
#include "graph/to_onnx.h"

namespace hasten::api {

void check_output(const std::filesystem::path& output) {
  std::error_code error;
  const bool is_folder = std::filesystem::is_directory(output, error);
  const std::filesystem::path folder = output.has_parent_path() ? output.parent_path() : ".";
  if (!is_folder && ::access(folder.c_str(), W_OK) == 0) return;
  fail(ErrorCode::k_output,
       fmt::format("cannot be created: {}", is_folder ? "it is a folder" : std::strerror(errno)),
       output, {}, "Name a file in a folder that exists and that you may write to.");
}

void save_tuned_model(graph::Graph& graph, const engine::PrecisionPlan& plan,
                      const TuneReport& report, const std::filesystem::path& output) {
  auto metadata = graph::read_metadata(graph.metadata);
  if (!metadata)
    fail(ErrorCode::k_unsupported, "the model carries no metadata of Hasten's", report.model);
  metadata->precision_plan = engine::to_json(plan);
  JsonObject clauses;
  for (const BudgetResult& clause : report.clauses)
    clauses.add(clause.clause, clause.measured.value);
  metadata->measured_fidelity =
      JsonObject()
          .add("budget", report.budget)
          .add("measured", clauses)
          .add("texts", report.texts)
          .add("speed_over_fp32", std::round(report.speed_over_fp32 * 100) / 100)
          .str();
  graph::write_metadata(*metadata, graph.metadata);
  graph::save_onnx(graph, output);
}

}  // namespace hasten::api
