#include "api/open_classifier.h"

#include <algorithm>
#include <string_view>

#include "api/model_source.h"
#include "base/error.h"
#include "base/thread_pool.h"

namespace hasten::api {
namespace {

// As 'optimize --int8' stores them, or ONNX Runtime's quantiser.
bool has_int8_weights(const graph::Graph& graph) {
  static constexpr std::string_view k_operators[] = {"DequantizeLinear", "DynamicQuantizeMatMul",
                                                     "MatMulInteger", "MatMulIntegerToFloat",
                                                     "QAttention"};
  return std::any_of(graph.order().begin(), graph.order().end(), [&](graph::NodeId id) {
    return std::ranges::find(k_operators, graph.node(id).op_type) != std::end(k_operators);
  });
}

}  // namespace

engine::PrecisionPlan plan_for(const graph::Graph& graph, Precision precision) {
  if (precision != Precision::k_auto) return engine_precision(precision);
  const auto metadata = graph::read_metadata(graph.metadata);
  if (!metadata || metadata->precision_plan.empty()) {
    engine::PrecisionPlan plan;
    plan.as_stored = has_int8_weights(graph);
    return plan;
  }
  return engine::parse_precision_plan(metadata->precision_plan,
                                      "metadata entry hasten.precision_plan");
}

engine::SessionOptions session_options(const graph::Graph& graph, const ModelOptions& options) {
  const bool is_plain = options.exact && options.precision == Precision::k_auto;
  engine::PrecisionPlan plan =
      is_plain ? engine::PrecisionPlan() : plan_for(graph, options.precision);
  plan.as_stored = plan.as_stored && options.device == "cpu";  // GPUs have no int8 here
  return {std::move(plan), {options.device, options.isa}, options.exact};
}

engine::Precision engine_precision(Precision precision) {
  switch (precision) {
    case Precision::k_bfloat16:
      return engine::Precision::k_bfloat16;
    case Precision::k_float16:
      return engine::Precision::k_float16;
    case Precision::k_int8:
      return engine::Precision::k_int8;
    case Precision::k_int8_plain:
      return engine::Precision::k_int8_plain;
    case Precision::k_float8:
      return engine::Precision::k_float8;
    case Precision::k_float32:
    case Precision::k_auto:
      break;
  }
  return engine::Precision::k_float32;
}

Precision public_precision(engine::Precision precision) {
  switch (precision) {
    case engine::Precision::k_bfloat16:
      return Precision::k_bfloat16;
    case engine::Precision::k_float16:
      return Precision::k_float16;
    case engine::Precision::k_int8:
      return Precision::k_int8;
    case engine::Precision::k_int8_plain:
      return Precision::k_int8_plain;
    case engine::Precision::k_float8:
      return Precision::k_float8;
    case engine::Precision::k_float32:
      break;
  }
  return Precision::k_float32;
}

int thread_count(const ModelOptions& options) {
  constexpr int k_most_threads = 1024;
  if (options.threads < 0 || options.threads > k_most_threads) {
    fail(ErrorCode::k_usage, "the number of threads must be from 1 to 1024, or 0 for all");
  }
  return options.threads == 0 ? available_threads() : options.threads;
}

std::unique_ptr<const classifier::TextClassifier> open_classifier(
    const std::filesystem::path& model, const ModelOptions& options) {
  classifier::ClassifierOptions opening;
  const graph::Graph graph = load_model(model, options.function, options.tokenizer);
  opening.session = session_options(graph, options);
  opening.function = options.function;
  opening.max_length = options.max_length;
  return classifier::TextClassifier::open(graph, opening);
}

}  // namespace hasten::api
