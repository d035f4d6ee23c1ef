#include "architectures/encoder_builder.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "architectures/transpose.h"
#include "base/error.h"

namespace hasten::architectures {
namespace {

// ONNX's numbers of element types, as Cast takes them.
constexpr std::int64_t k_onnx_float32 = 1;
constexpr std::int64_t k_opset = 17;

bool is_half(DType dtype) {
  return dtype == DType::k_float16 || dtype == DType::k_bfloat16;
}

Tensor to_single(const Tensor& tensor) {
  return tensor.dtype == DType::k_float32 ? tensor
                                          : make_tensor<float>(tensor.dims, to_float32(tensor));
}

graph::Shape token_shape() {
  return {{-1, "batch_size"}, {-1, "sequence_length"}};
}

}  // namespace

EncoderBuilder::EncoderBuilder(const checkpoint::Checkpoint& checkpoint, std::string prefix)
    : settings_(checkpoint),
      weights_(checkpoint, std::move(prefix)),
      widens_half_(checkpoint.widens_half) {
  graph_.opsets[std::string(graph::k_onnx_domain)] = k_opset;
}

// --- plain operators
// --------------------------------------------------------------------------------

ValueId EncoderBuilder::op(std::string op_type, std::vector<ValueId> inputs,
                           const std::string& name,
                           std::map<std::string, graph::Attribute> attributes) {
  const ValueId output =
      graph_.add_op(std::move(op_type), std::move(inputs), std::move(attributes), name);
  // A layer whose weights are used twice gives one name to two nodes; ONNX Runtime wants them
  // unique.
  graph_.node(graph_.producer(output)).name = graph_.value(output).name;
  return output;
}

ValueId EncoderBuilder::number(double value) {
  const auto [entry, added] = numbers_.try_emplace(value, graph::k_no_value);
  if (added) {
    entry->second = graph_.add_constant(fmt::format("number.{}", value),
                                        make_tensor<float>({}, {static_cast<float>(value)}));
  }
  return entry->second;
}

ValueId EncoderBuilder::integers(std::vector<std::int64_t> values) {
  const auto [entry, added] = integers_.try_emplace({false, values}, graph::k_no_value);
  if (added) {
    const auto size = static_cast<std::int64_t>(values.size());
    entry->second = graph_.add_constant(fmt::format("integers.{}", fmt::join(values, ".")),
                                        make_tensor<std::int64_t>({size}, std::move(values)));
  }
  return entry->second;
}

ValueId EncoderBuilder::integer(std::int64_t value) {
  const auto [entry, added] = integers_.try_emplace({true, {value}}, graph::k_no_value);
  if (added) {
    entry->second = graph_.add_constant(fmt::format("integer.{}", value),
                                        make_tensor<std::int64_t>({}, {value}));
  }
  return entry->second;
}

// --- inputs
// -----------------------------------------------------------------------------------------

ValueId EncoderBuilder::token_input(std::string name) {
  return graph_.add_input(std::move(name), DType::k_int64, token_shape());
}

ValueId EncoderBuilder::sequence_length(ValueId input_ids) {
  if (sequence_length_ == graph::k_no_value) {
    const ValueId shape = op("Shape", {input_ids}, "embeddings.input_shape");
    sequence_length_ = op("Gather", {shape, integers({1})}, "embeddings.sequence_length",
                          {{"axis", std::int64_t{0}}});
  }
  return sequence_length_;
}

ValueId EncoderBuilder::additive_mask(ValueId attention_mask) {
  const ValueId wide =
      op("Unsqueeze", {attention_mask, integers({1, 2})}, "attention_mask.unsqueezed");
  const ValueId kept = op("Cast", {wide}, "attention_mask.kept", {{"to", k_onnx_float32}});
  const ValueId dropped = op("Sub", {number(1), kept}, "attention_mask.dropped");
  const double lowest = static_cast<double>(std::numeric_limits<float>::lowest());
  return op("Mul", {dropped, number(lowest)}, "attention_mask.additive");
}

// --- weights
// ----------------------------------------------------------------------------------------

ValueId EncoderBuilder::widen(ValueId stored) {
  const graph::Value& value = graph_.value(stored);
  if (!is_half(*value.dtype)) return stored;
  return op("Cast", {stored}, value.name + ".float32", {{"to", k_onnx_float32}});
}

Tensor EncoderBuilder::as_kept(const Tensor& tensor) const {
  return is_half(tensor.dtype) && !widens_half_ ? tensor : to_single(tensor);
}

ValueId EncoderBuilder::vector(const std::string& name, std::int64_t size) {
  const Tensor& tensor = weights_.take(name, {size});
  const auto [entry, added] = initialisers_.try_emplace(name, graph::k_no_value);
  if (added) entry->second = graph_.add_constant(name, to_single(tensor));
  return entry->second;
}

ValueId EncoderBuilder::matrix(const std::string& name, std::int64_t outputs, std::int64_t inputs) {
  const Tensor& tensor = weights_.take(name, {outputs, inputs});
  const auto [entry, added] = initialisers_.try_emplace(name, graph::k_no_value);
  if (added) {
    entry->second = widen(graph_.add_constant(name, transpose(as_kept(tensor))));
  }
  return entry->second;
}

ValueId EncoderBuilder::table(const std::string& name, std::int64_t rows, std::int64_t width) {
  return stored(name, {rows, width});
}

ValueId EncoderBuilder::tensor(const std::string& name, const Dims& dims) {
  return widen(stored(name, dims));
}

ValueId EncoderBuilder::stored(const std::string& name, const Dims& dims) {
  const Tensor& tensor = weights_.take(name, dims);
  const auto [entry, added] = initialisers_.try_emplace(name, graph::k_no_value);
  if (added) {
    entry->second = graph_.add_constant(name, as_kept(tensor));
  }
  return entry->second;
}

ValueId EncoderBuilder::made(const std::string& name, const Tensor& tensor) {
  const auto [entry, added] = initialisers_.try_emplace(name, graph::k_no_value);
  if (added) entry->second = widen(graph_.add_constant(name, as_kept(tensor)));
  return entry->second;
}

ValueId EncoderBuilder::table_row(const std::string& name, std::int64_t rows, std::int64_t width,
                                  std::int64_t row) {
  Tensor tensor = weights_.take(name, {rows, width});
  const std::size_t row_bytes = static_cast<std::size_t>(width) * size_of(tensor.dtype);
  tensor.dims = {width};
  tensor.bytes = tensor.bytes.subspan(static_cast<std::size_t>(row) * row_bytes, row_bytes);
  return graph_.add_constant(fmt::format("{}.row.{}", name, row),
                             make_tensor<float>({width}, to_float32(tensor)));
}

// --- layers
// -----------------------------------------------------------------------------------------

ValueId EncoderBuilder::lookup(const std::string& module, ValueId indices, std::int64_t rows,
                               std::int64_t width) {
  const ValueId stored = table(module + ".weight", rows, width);
  const ValueId found = op("Gather", {stored, indices}, module, {{"axis", std::int64_t{0}}});
  graph_.value(found).dtype = graph_.value(stored).dtype;
  return widen(found);
}

ValueId EncoderBuilder::linear(ValueId input, const std::string& module, std::int64_t inputs,
                               std::int64_t outputs, bool with_bias) {
  const ValueId weight = matrix(module + ".weight", outputs, inputs);
  if (!with_bias) return op("MatMul", {input, weight}, module);
  const ValueId product = op("MatMul", {input, weight}, module + ".product");
  return op("Add", {product, vector(module + ".bias", outputs)}, module);
}

ValueId EncoderBuilder::layer_normalization(ValueId input, const std::string& module,
                                            std::int64_t width, double epsilon, bool with_bias) {
  std::vector<ValueId> inputs = {input, vector(module + ".weight", width)};
  if (with_bias) inputs.push_back(vector(module + ".bias", width));
  return op("LayerNormalization", std::move(inputs), module,
            {{"axis", std::int64_t{-1}}, {"epsilon", static_cast<float>(epsilon)}});
}

std::vector<ValueId> EncoderBuilder::split(ValueId input, std::size_t count,
                                           const std::string& name) {
  std::vector<ValueId> parts;
  for (std::size_t part = 0; part < count; ++part) {
    parts.push_back(graph_.add_value(fmt::format("{}.{}", name, part)));
  }
  graph_.add_node(
      {graph_.value(parts[0]).name, "Split", {}, {input}, parts, {{"axis", std::int64_t{-1}}}});
  return parts;
}

ValueId EncoderBuilder::add(ValueId left, ValueId right, const std::string& name) {
  return op("Add", {left, right}, name);
}

ValueId EncoderBuilder::first_token(ValueId hidden, const std::string& name) {
  return op("Gather", {hidden, integer(0)}, name, {{"axis", std::int64_t{1}}});
}

// --- attention
// --------------------------------------------------------------------------------------

ValueId EncoderBuilder::split_heads(ValueId input, const HeadSizes& sizes,
                                    const std::string& name) {
  const ValueId split =
      op("Reshape", {input, integers({0, 0, sizes.heads, sizes.head_size})}, name + ".split");
  return op("Transpose", {split}, name + ".heads",
            {{"perm", std::vector<std::int64_t>{0, 2, 1, 3}}});
}

ValueId EncoderBuilder::merge_heads(ValueId input, const HeadSizes& sizes,
                                    const std::string& name) {
  const ValueId merged =
      op("Transpose", {input}, name + ".merged", {{"perm", std::vector<std::int64_t>{0, 2, 1, 3}}});
  return op("Reshape", {merged, integers({0, 0, sizes.width()})}, name);
}

ValueId EncoderBuilder::scaled_scores(ValueId query, ValueId key, const HeadSizes& sizes,
                                      const std::string& name) {
  const ValueId turned = op("Transpose", {key}, name + ".key_transposed",
                            {{"perm", std::vector<std::int64_t>{0, 1, 3, 2}}});
  const ValueId product = op("MatMul", {query, turned}, name + ".product");
  const double divisor = std::sqrt(static_cast<double>(sizes.head_size));
  return op("Div", {product, number(divisor)}, name + ".scores");
}

ValueId EncoderBuilder::weighted_values(ValueId scores, ValueId mask, ValueId value,
                                        const HeadSizes& sizes, const std::string& name) {
  const ValueId masked = op("Add", {scores, mask}, name + ".masked_scores");
  const ValueId shares =
      op("Softmax", {masked}, name + ".probabilities", {{"axis", std::int64_t{-1}}});
  const ValueId context = op("MatMul", {shares, value}, name + ".context");
  return merge_heads(context, sizes, name);
}

ValueId EncoderBuilder::attend(const QueryKeyValue& inputs, ValueId mask, const HeadSizes& sizes,
                               const std::string& name) {
  const ValueId query = split_heads(inputs.query, sizes, name + ".query");
  const ValueId key = split_heads(inputs.key, sizes, name + ".key");
  const ValueId value = split_heads(inputs.value, sizes, name + ".value");
  return weighted_values(scaled_scores(query, key, sizes, name), mask, value, sizes, name);
}

// --- the end
// ----------------------------------------------------------------------------------------

std::int64_t EncoderBuilder::class_count(const std::string& name, std::int64_t inputs) {
  const Tensor* head = weights_.find(name);
  if (head == nullptr) {
    fail(ErrorCode::k_malformed,
         fmt::format("there is no classifier head: the tensor {} is missing", name),
         weights_.folder(), "a base model that was never fine-tuned for classification",
         "Use the folder that fine-tuning wrote.");
  }
  if (head->dims.size() != 2 || head->dims[0] < 1) {
    fail(ErrorCode::k_malformed,
         fmt::format("the classifier head {} is {}", name, to_string(head->dims)),
         weights_.folder(),
         fmt::format("a file that is damaged: [classes, {}] was expected", inputs));
  }
  return head->dims[0];
}

graph::Graph EncoderBuilder::finish(ValueId logits, std::int64_t classes,
                                    std::span<const std::string_view> leftovers) {
  weights_.expect_all_used(leftovers);
  settings_.expect_all_known();
  graph_.rename(logits, "logits");
  graph_.value(logits).dtype = DType::k_float32;
  graph_.value(logits).shape = graph::Shape{{-1, "batch_size"}, {classes, {}}};
  graph_.add_output(logits);
  return std::move(graph_);
}

}  // namespace hasten::architectures
