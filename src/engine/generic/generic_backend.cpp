#include "engine/generic/generic_backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "graph/fixed_sizes.h"
#include "graph/interpreter.h"

namespace hasten::engine::generic {
namespace {

// A row for each text that the graph takes at a time, all of them `values`, with zeros up to its length.
template <typename Integer>
Tensor as_rows(std::span<const std::int32_t> values, const graph::FixedSizes& sizes) {
  const std::int64_t texts = std::max<std::int64_t>(sizes.batch, 1);
  const auto length = sizes.length > 0 ? static_cast<std::size_t>(sizes.length) : values.size();
  std::vector<Integer> rows;
  for (std::int64_t text = 0; text < texts; ++text) {
    rows.insert(rows.end(), values.begin(), values.end());
    rows.resize(rows.size() + length - values.size());
  }
  return make_tensor<Integer>({texts, static_cast<std::int64_t>(length)}, std::move(rows));
}

class GenericExecutable;

class GenericStream : public Stream {
 public:
  explicit GenericStream(const graph::Graph& graph)
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
      inputs[input.name] = input.dtype == DType::k_int32 ? as_rows<std::int32_t>(values, sizes_)
                                                         : as_rows<std::int64_t>(values, sizes_);
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

class GenericExecutable : public Executable {
 public:
  explicit GenericExecutable(const graph::Graph& graph) : graph_(graph) {}
  // One stream is one thread's; a text is never split between threads here.
  std::unique_ptr<Stream> make_stream(const StreamOptions&) const override {
    return std::make_unique<GenericStream>(graph_);
  }
  std::string description() const override { return "generic engine, one text at a time"; }

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

std::unique_ptr<const Executable> prepare(const graph::Graph& graph, std::int64_t& class_count) {
  check_interface(graph);
  auto executable = std::make_unique<GenericExecutable>(graph);
  const std::vector<std::int32_t> zero(1, 0);
  class_count = static_cast<std::int64_t>(GenericStream(graph).run_one(zero, zero).size());
  return executable;
}

}  // namespace hasten::engine::generic
