// EncoderBuilder: the layers that encoders are made of, written down as standard ONNX operators
// (opset 17) over a checkpoint's weights.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "architectures/settings.h"
#include "architectures/weights.h"
#include "graph/graph.h"

namespace hasten::architectures {

using graph::ValueId;

// The sizes of multi-head attention: heads * head_size is the width of query, key and value.
struct HeadSizes {
  std::int64_t heads = 0;
  std::int64_t head_size = 0;
  std::int64_t width() const { return heads * head_size; }
};

// Query, key and value, or what attends and is attended to: values of the graph.
struct QueryKeyValue {
  ValueId query, key, value;
};

// Values and nodes bear the names of the modules that compute them ("bert.encoder.layer.0.output");
// initialisers those of the checkpoint. Activations are float32 [batch_size, sequence_length,
// width]. Vectors are widened to float32; matrices and tables stay as stored, half ones with a Cast
// to float32 behind them unless the checkpoint is to be widened. The checkpoint must outlive the
// builder.
class EncoderBuilder {
 public:
  // `prefix` is the model's own part of the tensors' names: "bert.".
  EncoderBuilder(const checkpoint::Checkpoint& checkpoint, std::string prefix);

  Settings& settings() { return settings_; }
  Weights& weights() { return weights_; }
  graph::Graph& graph() { return graph_; }

  // --- plain operators --------------------------------------------------------------------------
  // The node's one output; `name` is for both.
  ValueId op(std::string op_type, std::vector<ValueId> inputs, const std::string& name,
             std::map<std::string, graph::Attribute> attributes = {});
  ValueId number(double value);                        // float32 scalar
  ValueId integers(std::vector<std::int64_t> values);  // int64 [n]
  ValueId integer(std::int64_t value);                 // int64 scalar

  // --- inputs -----------------------------------------------------------------------------------
  // int64 [batch_size, sequence_length]
  ValueId token_input(std::string name);
  // The number of tokens a text is padded to: int64 [1].
  ValueId sequence_length(ValueId input_ids);
  // What is added to attention's scores: 0 where the mask is 1, float32's lowest where it is 0;
  // float32 [batch_size, 1, 1, sequence_length].
  ValueId additive_mask(ValueId attention_mask);

  // --- weights ----------------------------------------------------------------------------------
  // A tensor that is used twice is one initialiser.
  ValueId vector(const std::string& name, std::int64_t size);  // float32 [size]
  // [inputs, outputs] for MatMul, from PyTorch's [outputs, inputs]
  ValueId matrix(const std::string& name, std::int64_t outputs, std::int64_t inputs);
  // [rows, width] as it is
  ValueId table(const std::string& name, std::int64_t rows, std::int64_t width);

  // A tensor of any rank as it is, widened to float32 behind
  ValueId tensor(const std::string& name, const Dims& dims);
  // A tensor that was made of the checkpoint's, such as a part of one, kept as they are.
  ValueId made(const std::string& name, const Tensor& tensor);
  // Row `row` of a table: float32 [width]
  ValueId table_row(const std::string& name, std::int64_t rows, std::int64_t width,
                    std::int64_t row);

  // --- layers -----------------------------------------------------------------------------------
  // `module` is the tensors' name in the checkpoint, without ".weight" and ".bias".
  ValueId lookup(const std::string& module, ValueId indices, std::int64_t rows, std::int64_t width);
  ValueId linear(ValueId input, const std::string& module, std::int64_t inputs,
                 std::int64_t outputs, bool with_bias = true);
  ValueId layer_normalization(ValueId input, const std::string& module, std::int64_t width,
                              double epsilon, bool with_bias = true);
  ValueId add(ValueId left, ValueId right, const std::string& name);
  // The last axis cut into `count` equal parts.
  std::vector<ValueId> split(ValueId input, std::size_t count, const std::string& name);
  // The hidden state of each text's first token: [batch_size, width].
  ValueId first_token(ValueId hidden, const std::string& name);

  // --- attention --------------------------------------------------------------------------------
  // [batch, sequence, width] to [batch, heads, sequence, head_size] and back.
  ValueId split_heads(ValueId input, const HeadSizes& sizes, const std::string& name);
  ValueId merge_heads(ValueId input, const HeadSizes& sizes, const std::string& name);
  // Q K^T / sqrt(head_size): [batch, heads, sequence, sequence], from split heads.
  ValueId scaled_scores(ValueId query, ValueId key, const HeadSizes& sizes,
                        const std::string& name);
  // softmax(scores + mask) V, merged: [batch, sequence, width].
  ValueId weighted_values(ValueId scores, ValueId mask, ValueId value, const HeadSizes& sizes,
                          const std::string& name);
  // Both, from [batch, sequence, width] inputs.
  ValueId attend(const QueryKeyValue& inputs, ValueId mask, const HeadSizes& sizes,
                 const std::string& name);

  // --- the end ----------------------------------------------------------------------------------
  // The rows of the head's last layer `name` ("classifier.weight"), [classes, inputs]; throws
  // k_malformed saying that the head is missing.
  std::int64_t class_count(const std::string& name, std::int64_t inputs);
  // Makes `logits` the graph's output of that name, and sees that no tensor and no setting is left.
  graph::Graph finish(ValueId logits, std::int64_t classes,
                      std::span<const std::string_view> leftovers);

 private:
  ValueId stored(const std::string& name, const Dims& dims);
  ValueId widen(ValueId stored);
  Tensor as_kept(const Tensor& tensor) const;

  Settings settings_;
  Weights weights_;
  bool widens_half_;
  graph::Graph graph_;
  ValueId sequence_length_ = graph::k_no_value;
  std::map<std::string, ValueId> initialisers_;
  std::map<double, ValueId> numbers_;
  std::map<std::pair<bool, std::vector<std::int64_t>>, ValueId> integers_;
};

}  // namespace hasten::architectures
