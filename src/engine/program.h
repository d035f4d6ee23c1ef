// Program: a classifier lowered to a flat list of instructions over ragged batches.
//
// A batch is a flat list of tokens with sequence offsets: there is no padding and no mask. Every
// instruction reads and writes whole buffers; a buffer has one row per token or one per sequence.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/tensor.h"

namespace hasten::engine {

// Texts of one pass, packed. Sequence s owns tokens offsets[s] .. offsets[s + 1] - 1, at least one.
struct RaggedBatch {
  std::span<const std::int32_t> token_ids;
  std::span<const std::int32_t> type_ids;  // as long as token_ids
  std::span<const std::int32_t> offsets;   // sequences + 1, first 0, last token_ids.size()
  std::size_t token_count() const { return token_ids.size(); }
  std::size_t sequence_count() const { return offsets.size() - 1; }
};

// The sequences [begin, end) of a batch; `offsets` is overwritten with what the result refers to.
RaggedBatch part_of(const RaggedBatch& batch, std::size_t begin, std::size_t end,
                    std::vector<std::int32_t>& offsets);

enum class Rows : std::uint8_t { k_tokens, k_sequences };

enum class BufferId : std::int32_t {};
inline constexpr BufferId k_no_buffer{-1};

// float32, row-major, rows x width.
struct Buffer {
  Rows rows = Rows::k_tokens;
  std::int64_t width = 0;
};

enum class Activation : std::uint8_t {
  k_none,
  k_gelu_erf,   // x/2 (1 + erf(x / sqrt 2))
  k_gelu_tanh,  // x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
  k_relu,
  k_silu,
  k_tanh,
  k_sigmoid,
  k_gelu_10,       // gelu_erf, cut to [-10, 10]
  k_quick_gelu,    // x sigmoid(1.702 x)
  k_relu_squared,  // relu(x)^2
  k_relu6,         // x, cut to [0, 6]
  k_leaky_relu,    // x, or x / 100 below 0
  k_mish,          // x tanh(log(1 + e^x))
  k_laplace,       // (1 + erf((x - 0.707107) / (0.282095 sqrt 2))) / 2
};

// The arithmetic of a matrix product's operands. Sums, bias and everything after are float32. float16
// and float8 (E4M3) are for GPUs alone, both forms of int8 for CPUs: k_int8 multiplies operands by
// Hadamard matrices before it rounds them (engine/cpu/hadamard.h), k_int8_plain does not, which is a
// little faster and several times less exact.
enum class Precision : std::uint8_t {
  k_float32,
  k_bfloat16,
  k_float16,
  k_int8,
  k_int8_plain,
  k_float8
};

// Weights of a matrix product. Without scales, any floating type. With scales, int8 values meaning
// value * scale of their output column.
struct Weight {
  Tensor values;  // [inputs, outputs], or [outputs, inputs] when transposed
  bool transposed = false;
  std::optional<Tensor> scales;  // float32 [outputs]
  std::int64_t inputs() const { return values.dims[transposed ? 1 : 0]; }
  std::int64_t outputs() const { return values.dims[transposed ? 0 : 1]; }
};

// gamma * (x - mean) / sqrt(variance + epsilon) + beta, over each row.
struct Normalization {
  Tensor gamma;                // float32 [width]
  std::optional<Tensor> beta;  // float32 [width]
  float epsilon = 1e-12F;
};

// Which row of a table a token takes.
enum class IndexSource : std::uint8_t {
  k_token_id,
  k_type_id,
  k_position,         // 0, 1, 2, ... in each sequence, plus `index_offset`
  k_padded_position,  // RoBERTa: pad + running count of ids other than pad, or pad where id == pad;
                      // `index_offset` is the pad id
};

struct Lookup {
  Tensor table;  // floating [entries, width]
  IndexSource source = IndexSource::k_token_id;
  std::int64_t index_offset = 0;
};

// output = normalize(sum of the lookups)
struct Embed {
  std::vector<Lookup> lookups;
  std::optional<Normalization> normalization;
  BufferId output{};
};

// output = activation(input x weight + bias) [+ residual]
struct Linear {
  BufferId input{};
  Weight weight;
  std::optional<Tensor> bias;  // float32 [outputs]
  Activation activation = Activation::k_none;
  BufferId residual = k_no_buffer;
  Precision precision = Precision::k_float32;
  BufferId output{};
  std::string name{};  // see product_names.h
};

// Columns [offset, offset + heads * head_size) of a buffer.
struct Columns {
  BufferId buffer{};
  std::int64_t offset = 0;
};

// Vectors that stand for distances, a query's position minus a key's. The vector of distance d is row
// entries[d + limit - 1] of `rows`, or of rows x weight + bias where there is a weight (computed once,
// in float32). It is as wide as all heads, or as one, which all then share.
struct DistanceVectors {
  Tensor rows;  // floating [entries, inputs]
  std::optional<Weight> weight;
  std::optional<Tensor> bias;         // float32 [outputs]
  std::vector<std::int32_t> entries;  // of distances 1 - limit .. limit - 1
  float scale = 1;                    // of the products with them
};

// What positions add to the score of query q and key k, d being their distance, |d| < limit:
//   by_query.scale * Q[q] . by_query[d]  +  by_key.scale * K[k] . by_key[d]  +  bias[head][d]
// (disentangled attention, relative_key_query and MPNet's bias are of this form).
struct DistanceScores {
  std::int64_t limit = 0;
  std::optional<DistanceVectors> by_query;
  std::optional<DistanceVectors> by_key;
  std::optional<Tensor> bias;  // float32 [heads, 2 limit - 1]
};

// Turns each head of query and key by its token's position p: with h = head_size / 2,
//   x[i], x[i + h]  ->  x[i] c[i] - x[i + h] s[i], x[i + h] c[i + h] + x[i] s[i + h].
struct Rotation {
  Tensor cosines, sines;  // float32 [positions, head_size]
};

// For each sequence and head: output = softmax(scale * Q K^T + distance scores) V over that sequence's
// tokens, or those at most `window` away. The query has one row per token, or one per sequence (its
// first token's), and so has the output.
struct Attention {
  Columns query, key, value;
  std::int64_t heads = 0;
  std::int64_t head_size = 0;
  float scale = 0;
  BufferId output{};  // width heads * head_size
  std::optional<DistanceScores> distance_scores = {};
  std::optional<Rotation> rotation = {};
  std::optional<std::int64_t> window = {};
};

// Columns [offset, offset + heads * head_size) of a weight.
struct WeightColumns {
  Weight weight;
  std::int64_t offset = 0;
};

// Attention of one query a sequence whose keys x K + k and values x V + v, over the rows x of `input`,
// are never computed: in each head
//   q . (x K + k) = x . (K q) + q . k, where softmax does not see the second term, the same for all x;
//   the sum of p (x V + v) = (the sum of p x) V + v, p being the softmax.
struct FoldedAttention {
  Columns query;     // one row per sequence
  BufferId input{};  // one row per token
  WeightColumns key, value;
  std::optional<Tensor> value_bias;  // float32, as long as the value's weight has columns
  std::int64_t heads = 0;
  std::int64_t head_size = 0;
  float scale = 0;
  BufferId output{};  // one row per sequence, width heads * head_size
};

// output = normalize(input + residual); residual may be absent.
struct AddNormalize {
  BufferId input{};
  BufferId residual = k_no_buffer;
  Normalization normalization;
  BufferId output{};
};

// output = activation(input)
struct Activate {
  BufferId input{};
  Activation activation = Activation::k_none;
  BufferId output{};
};

// output[i] = activation(input[i]) * input[width of output + i]
struct Gate {
  BufferId input{};  // twice as wide as the output
  Activation activation = Activation::k_none;
  BufferId output{};
};

// Each token's row with those of the `radius` tokens before and after it, in order: zeros where there
// is none in the sequence. What a convolution is the matrix product of.
struct Neighbors {
  BufferId input{};
  std::int64_t radius = 0;
  BufferId output{};  // 2 radius + 1 times as wide
};

// output = left + right, element by element.
struct Add {
  BufferId left{}, right{};
  BufferId output{};
};

// One row per sequence out of one per token: the first token's, or the mean of all.
enum class PoolKind : std::uint8_t { k_first_token, k_mean };
struct Pool {
  BufferId input{};
  PoolKind kind = PoolKind::k_first_token;
  BufferId output{};
};

using Instruction = std::variant<Embed, Linear, Attention, FoldedAttention, AddNormalize, Activate,
                                 Gate, Neighbors, Add, Pool>;

// An instruction writes no buffer that it reads, except that AddNormalize, Activate, Add and a
// Linear's residual may write in place.
struct Program {
  std::vector<Buffer> buffers;
  std::vector<Instruction> instructions;
  BufferId logits{};                 // per sequence
  std::int64_t class_count = 0;      // width of logits
  std::int64_t position_limit = 0;   // most tokens a sequence may have; 0: no limit
  std::int64_t vocabulary_size = 0;  // token ids are below it
  std::int64_t type_count = 1;       // type ids are below it
  // Multiply-adds times two of all matrix products, per token and per sequence.
  double flops_per_token = 0;
  double flops_per_sequence = 0;

  BufferId add_buffer(Rows rows, std::int64_t width) {
    buffers.push_back({rows, width});
    return static_cast<BufferId>(buffers.size() - 1);
  }
  const Buffer& buffer(BufferId id) const { return buffers[static_cast<std::size_t>(id)]; }
};

// The buffers that an instruction reads (k_no_buffer entries left out) and the one that it writes.
std::vector<BufferId> reads_of(const Instruction& instruction);
BufferId write_of(const Instruction& instruction);
// "Linear", "Attention", ...
std::string_view name_of(const Instruction& instruction);

}  // namespace hasten::engine
