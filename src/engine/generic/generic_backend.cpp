#include "engine/generic/generic_backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "engine/cpu/cpu_backend.h"
#include "engine/cpu/float_environment.h"
#include "engine/generic/fast_executable.h"
#include "engine/generic/token_inputs.h"
#include "graph/fixed_sizes.h"
#include "graph/interpreter.h"
#include "graph/verify.h"

namespace hasten::engine::generic {
namespace {

class ExactStream : public Stream {
 public:
  explicit ExactStream(const graph::Graph& graph)
      : graph_(graph), sizes_(graph::fixed_sizes(graph)) {}

  void run(const RaggedBatch& batch, std::span<float> logits) override {
    const std::size_t classes = logits.size() / batch.sequence_count();
    for (std::size_t s = 0; s < batch.sequence_count(); ++s) {
      const auto begin = static_cast<std::size_t>(batch.offsets[s]);
      const auto length = static_cast<std::size_t>(batch.offsets[s + 1]) - begin;
      const auto row =
          run_one(batch.token_ids.subspan(begin, length), batch.type_ids.subspan(begin, length));
      if (row.size() != classes) {
        fail(ErrorCode::k_malformed, "the graph's output is not one row of logits per text");
      }
      std::copy(row.begin(), row.end(), logits.begin() + static_cast<std::ptrdiff_t>(s * classes));
    }
  }

  // The logits of one text.
  std::vector<float> run_one(std::span<const std::int32_t> token_ids,
                             std::span<const std::int32_t> type_ids) {
    std::vector<std::int32_t> positions(token_ids.size());
    std::iota(positions.begin(), positions.end(), 0);
    const std::vector<std::int32_t> ones(token_ids.size(), 1);
    const std::map<std::string_view, std::span<const std::int32_t>> known = {
        {"input_ids", token_ids},
        {"token_type_ids", type_ids},
        {"position_ids", positions},
        {"attention_mask", ones}};
    std::map<std::string, Tensor> inputs;
    for (const graph::ValueId id : graph_.inputs()) {
      const graph::Value& input = graph_.value(id);
      const auto& values = known.at(input.name);
      const Dims dims = row_dims(values.size(), sizes_);
      inputs[input.name] = input.dtype == DType::k_int32
                               ? make_tensor(dims, as_rows<std::int32_t>(values, sizes_))
                               : make_tensor(dims, as_rows<std::int64_t>(values, sizes_));
    }
    // As a runtime computes: buckets of distances, made of logarithms, hang on the last bit.
    const auto outputs = graph::interpret(graph_, inputs, graph::Precision::k_as_onnxruntime);
    std::vector<float> logits = to_float32(outputs.at(graph_.value(graph_.outputs()[0]).name));
    if (sizes_.batch > 1) logits.resize(logits.size() / static_cast<std::size_t>(sizes_.batch));
    return logits;
  }

 private:
  const graph::Graph& graph_;
  const graph::FixedSizes sizes_;
};

class ExactExecutable : public Executable {
 public:
  explicit ExactExecutable(const graph::Graph& graph) : graph_(graph) {}
  // One stream is one thread's; a text is never split between threads here.
  std::unique_ptr<Stream> make_stream(const StreamOptions&) const override {
    return std::make_unique<ExactStream>(graph_);
  }
  std::string description() const override {
    return "generic engine, every operator as the file says";
  }

 private:
  graph::Graph graph_;
};

void check_interface(const graph::Graph& graph) {
  bool has_ids = false;
  for (const graph::ValueId id : graph.inputs()) {
    const std::string& name = graph.value(id).name;
    has_ids = has_ids || name == "input_ids";
    if (name != "input_ids" && name != "attention_mask" && name != "token_type_ids" &&
        name != "position_ids") {
      fail(ErrorCode::k_unsupported, fmt::format("the model has an input named {}", name), {},
           "neither this name nor the graph tells token ids, a mask, types or positions of it",
           "If it is one of these, export it as input_ids, attention_mask, token_type_ids or "
           "position_ids.");
    }
  }
  const std::int64_t length = graph::fixed_sizes(graph).length;
  if (length > 0 && graph.find_value("attention_mask") == graph::k_no_value) {
    fail(ErrorCode::k_unsupported,
         fmt::format("the model takes texts of exactly {} tokens, and no attention_mask", length),
         {}, "shorter ones would have to be padded, which would change their scores",
         "Export it with dynamic axes, or with a mask.");
  }
  if (!has_ids || graph.outputs().empty()) {
    fail(ErrorCode::k_unsupported, "the model has no input named input_ids, or no output", {},
         "it is no text classifier of the BERT family");
  }
}

}  // namespace

std::unique_ptr<const Executable> prepare_exact(const graph::Graph& graph,
                                                std::int64_t& class_count) {
  check_interface(graph);
  auto executable = std::make_unique<ExactExecutable>(graph);
  const std::vector<std::int32_t> zero(1, 0);
  class_count = static_cast<std::int64_t>(ExactStream(graph).run_one(zero, zero).size());
  return executable;
}

std::unique_ptr<const Executable> prepare(const graph::Graph& graph, const graph::Graph& simplified,
                                          std::int64_t& class_count) {
  check_interface(graph);
  graph::verify(graph);
  const cpu::FloatEnvironment environment;
  try {
    auto program = std::make_shared<const FastProgram>(simplified, cpu::chosen_kernels());
    class_count = static_cast<std::int64_t>(try_program(*program).size());
    return std::make_unique<FastExecutable>(std::move(program));
  } catch (const ComputesInHalf&) {
    return prepare_exact(graph, class_count);
  }
}

}  // namespace hasten::engine::generic
