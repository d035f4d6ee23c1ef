// Attention as com.microsoft fuses it: Attention, QAttention and MultiHeadAttention, without past
// keys.
#include <limits>
#include <optional>

#include "graph/attention_heads.h"
#include "graph/broadcast.h"
#include "graph/matrix_product.h"
#include "graph/operator_table.h"
#include "graph/quantization.h"

namespace hasten::graph {
namespace {

// What is added to the scores: the mask in any of its forms, a bias, and the causal triangle.
template <typename Real>
class ScoreMask {
 public:
  ScoreMask(const OperatorCall<Real>& call, const AttentionSizes& sizes, std::size_t mask_index,
            std::size_t bias_index)
      : sizes_(sizes),
        filter_(static_cast<Real>(call.node.number("mask_filter_value", -10000.0F))),
        causal_(call.node.integer("unidirectional", 0) != 0) {
    if (call.has(mask_index)) read_mask(call, call.input(mask_index), call.integers(mask_index));
    if (call.has(bias_index)) read_bias(call, call.input(bias_index), call.reals(bias_index));
  }

  void apply(std::int64_t batch, std::int64_t head, std::int64_t query,
             std::vector<Real>& scores) const {
    for (std::int64_t key = 0; key < sizes_.keys; ++key) {
      Real& score = scores[static_cast<std::size_t>(key)];
      if (!mask_.empty()) {
        const std::int64_t row = per_query_ ? batch * sizes_.queries + query : batch;
        score += mask_[static_cast<std::size_t>(row * sizes_.keys + key)];
      }
      if (!bias_.empty()) {
        score += bias_[static_cast<std::size_t>(batch * bias_steps_[0] + head * bias_steps_[1] +
                                                query * bias_steps_[2] + key * bias_steps_[3])];
      }
      if (causal_ && key > query) score = std::numeric_limits<Real>::lowest();
    }
  }

 private:
  // [batch, keys] or [batch, queries, keys] of 0 and 1; lengths [batch]; ends and starts [2 *
  // batch].
  void read_mask(const OperatorCall<Real>& call, const Array<Real>& mask,
                 std::span<const std::int64_t> values) {
    const Dims flat = {sizes_.batch, sizes_.keys};
    const Dims full = {sizes_.batch, sizes_.queries, sizes_.keys};
    if (mask.dims == flat || mask.dims == full) {
      per_query_ = mask.dims == full;
      for (const std::int64_t value : values) mask_.push_back(value > 0 ? 0 : filter_);
      return;
    }
    const bool has_starts = mask.dims == Dims{2 * sizes_.batch};
    if (!has_starts && mask.dims != Dims{sizes_.batch}) {
      call.unsupported("a mask of shape " + to_string(mask.dims));
    }
    for (std::int64_t batch = 0; batch < sizes_.batch; ++batch) {
      const std::int64_t end = values[static_cast<std::size_t>(batch)];
      const std::int64_t start =
          has_starts ? values[static_cast<std::size_t>(batch + sizes_.batch)] : 0;
      for (std::int64_t key = 0; key < sizes_.keys; ++key) {
        mask_.push_back(key >= start && key < end ? 0 : filter_);
      }
    }
  }

  void read_bias(const OperatorCall<Real>& call, const Array<Real>& bias,
                 std::span<const Real> values) {
    const Dims target = {sizes_.batch, sizes_.heads, sizes_.queries, sizes_.keys};
    call.check_shapes(bias.rank() == 4 && broadcast_dims(bias.dims, target) == target);
    bias_ = values;
    bias_steps_ = broadcast_strides(bias.dims, target);
  }

  const AttentionSizes sizes_;
  const Real filter_;
  const bool causal_;
  bool per_query_ = false;
  std::vector<Real> mask_;  // to be added: 0 or the filter value
  std::span<const Real> bias_;
  Dims bias_steps_;
};

template <typename Real>
Real scale_of(const OperatorCall<Real>& call, std::int64_t head_size) {
  const Real scale = static_cast<Real>(call.node.number("scale", 0));
  return scale != 0 ? scale : 1 / std::sqrt(static_cast<Real>(head_size));
}

template <typename Real>
void run_attention(OperatorCall<Real>& call, const AttentionSizes& sizes, const Heads<Real>& q,
                   const Heads<Real>& k, const Heads<Real>& v, const ScoreMask<Real>& mask) {
  const Dims dims = {sizes.batch, sizes.queries, sizes.heads * sizes.value_size};
  checked_count(dims);
  checked_count(std::array{sizes.heads, sizes.queries, sizes.keys});
  const DType dtype = call.input(0).floating() ? call.input(0).dtype : DType::k_float32;
  call.emit_reals(
      dtype, dims,
      attend<Real>(sizes, q, k, v, scale_of(call, sizes.head_size),
                   [&](std::int64_t batch, std::int64_t head, std::int64_t query,
                       std::vector<Real>& scores) { mask.apply(batch, head, query, scores); }));
}

template <typename Real>
void refuse_past(const OperatorCall<Real>& call, std::initializer_list<std::size_t> inputs) {
  for (const std::size_t index : inputs) {
    if (call.has(index)) call.unsupported("attention with past keys and values");
  }
  if (call.node.integer("do_rotary", 0) != 0) call.unsupported("attention with do_rotary");
}

// The projections of `input` that a packed weight of `width` columns makes: q, k and v side by
// side.
template <typename Real>
struct PackedProjection {
  Dims input;  // [batch, sequence, in]
  Dims parts;  // widths of q, k and v
  std::int64_t heads = 0;
  std::int64_t width = 0;
  std::vector<Real> values;  // [batch * sequence, width], starting as the bias
};

template <typename Real>
PackedProjection<Real> start_projection(const OperatorCall<Real>& call) {
  const Dims& input = call.input(0).dims;
  const Dims& weights = call.input(1).dims;
  call.check_shapes(input.size() == 3 && weights.size() == 2 && weights[0] == input[2]);
  const std::int64_t width = weights[1];
  const std::int64_t third = width / 3;
  const Dims parts = call.node.integers("qkv_hidden_sizes", {third, third, third});
  const std::int64_t heads = call.node.integer("num_heads", 0);
  call.check_shapes(parts.size() == 3 && heads > 0 && parts[0] > 0 && parts[2] > 0 &&
                    parts[0] == parts[1] && parts[0] <= width && parts[2] == width - 2 * parts[0] &&
                    parts[0] % heads == 0 && parts[2] % heads == 0);
  const Dims dims = {input[0] * input[1], width};
  std::vector<Real> values(checked_count(dims), 0);
  if (call.has(2)) {
    const auto bias = call.reals(2);
    call.check_shapes(call.input(2).dims == Dims{width});
    for (std::size_t k = 0; k < values.size(); ++k) values[k] = bias[k % bias.size()];
  }
  return {input, parts, heads, width, std::move(values)};
}

template <typename Real>
void attend_packed(OperatorCall<Real>& call, const PackedProjection<Real>& packed,
                   std::size_t mask_index, std::size_t bias_index) {
  const AttentionSizes sizes = {packed.input[0],
                                packed.heads,
                                packed.input[1],
                                packed.input[1],
                                packed.parts[0] / packed.heads,
                                packed.parts[2] / packed.heads};
  const auto part = [&](std::int64_t start, std::int64_t size) {
    return Heads<Real>{packed.values.data() + start, packed.input[1] * packed.width, size,
                       packed.width};
  };
  run_attention(call, sizes, part(0, sizes.head_size), part(packed.parts[0], sizes.head_size),
                part(2 * packed.parts[0], sizes.value_size),
                ScoreMask<Real>(call, sizes, mask_index, bias_index));
}

// input [batch, sequence, in], weights [in, q + k + v], bias [q + k + v], mask, past, attention
// bias.
template <typename Real>
void attention(OperatorCall<Real>& call) {
  refuse_past(call, {4, 6});
  PackedProjection<Real> packed = start_projection(call);
  multiply_add(call.reals(0).data(), call.reals(1).data(), packed.values.data(),
               packed.input[0] * packed.input[1], packed.input[2], packed.width);
  attend_packed(call, packed, 3, 5);
}

// The same of integers: input, weights, bias, scale of the input, of the weights, mask, zero point
// of the input, of the weights, past.
template <typename Real>
void quantized_attention(OperatorCall<Real>& call) {
  refuse_past(call, {8});
  PackedProjection<Real> packed = start_projection(call);
  const IntegerMatrix input = matrix_operand(call, 0, zero_points(call, 6, 1));
  const IntegerMatrix weights = matrix_operand(call, 1, zero_points(call, 7, packed.width));
  const auto product = integer_product(call, input, weights).second;
  const Real input_scale = call.real_scalar(3);
  const std::vector<Real> weight_scales = scales(call, 4, packed.width);
  for (std::size_t k = 0; k < product.size(); ++k) {
    const auto column = static_cast<std::int64_t>(k) % packed.width;
    packed.values[k] +=
        static_cast<Real>(product[k]) * (input_scale * PerAxis<Real>{weight_scales}.at(column));
  }
  constexpr std::size_t k_no_bias = 99;
  attend_packed(call, packed, 5, k_no_bias);
}

// Rows of [batch, rows, width] with a part of a bias added; the result owns its elements.
template <typename Real>
std::vector<Real> with_bias(const OperatorCall<Real>& call, std::size_t index,
                            std::int64_t bias_start) {
  const auto in = call.reals(index);
  std::vector<Real> out(in.begin(), in.end());
  if (!call.has(3)) return out;
  const auto bias = call.reals(3);
  const auto width = static_cast<std::size_t>(call.input(index).dims.back());
  call.check_shapes(call.input(index).rank() == 3 && call.input(3).rank() == 1 &&
                    static_cast<std::size_t>(bias_start) + width <= bias.size());
  for (std::size_t k = 0; k < out.size(); ++k)
    out[k] += bias[static_cast<std::size_t>(bias_start) + k % width];
  return out;
}

// query [batch, queries, hidden] alone as [batch, rows, heads, 3, head_size].
template <typename Real>
void packed_attention(OperatorCall<Real>& call, std::int64_t heads) {
  const Dims& dims = call.input(0).dims;
  call.check_shapes(dims.size() == 5 && dims[2] == heads && dims[3] == 3 && !call.has(3));
  const AttentionSizes sizes = {dims[0], heads, dims[1], dims[1], dims[4], dims[4]};
  const std::int64_t row = heads * 3 * dims[4];
  const Real* const data = call.reals(0).data();
  const auto part = [&](std::int64_t index) {
    return Heads<Real>{data + index * dims[4], dims[1] * row, 3 * dims[4], row};
  };
  run_attention(call, sizes, part(0), part(1), part(2), ScoreMask<Real>(call, sizes, 4, 5));
}

// query [batch, queries, hidden]; key and value [batch, keys, hidden] or [batch, heads, keys,
// size].
template <typename Real>
void multi_head_attention(OperatorCall<Real>& call) {
  refuse_past(call, {6, 7, 8, 9});
  const std::int64_t heads = call.node.integer("num_heads", 0);
  call.check_shapes(heads > 0);
  if (!call.has(1)) return packed_attention(call, heads);
  if (!call.has(2)) call.unsupported("packed keys and values");
  const Dims& query = call.input(0).dims;
  const Dims& key = call.input(1).dims;
  const Dims& value = call.input(2).dims;
  call.check_shapes(query.size() == 3 && query[2] > 0 && query[2] % heads == 0);
  const bool by_head = key.size() == 4;
  AttentionSizes sizes = {query[0], heads, query[1], 0, query[2] / heads, 0};
  if (by_head) {
    call.check_shapes(key[0] == query[0] && key[1] == heads && key[3] == sizes.head_size &&
                      value.size() == 4 && value[0] == key[0] && value[1] == heads &&
                      value[2] == key[2]);
    sizes.keys = key[2];
    sizes.value_size = value[3];
  } else {
    call.check_shapes(key.size() == 3 && key[0] == query[0] && key[2] == query[2] &&
                      value.size() == 3 && value[0] == key[0] && value[1] == key[1] &&
                      value[2] % heads == 0);
    sizes.keys = key[1];
    sizes.value_size = value[2] / heads;
  }
  const std::vector<Real> q = with_bias(call, 0, 0);
  if (by_head && call.has(3)) call.unsupported("a bias beside keys that are split into heads");
  const std::vector<Real> k = with_bias(call, 1, query[2]);
  const std::vector<Real> v = with_bias(call, 2, 2 * query[2]);
  const auto view = [&](const std::vector<Real>& data, std::int64_t rows, std::int64_t size,
                        bool split) {
    if (split) return Heads<Real>{data.data(), heads * rows * size, rows * size, size};
    return Heads<Real>{data.data(), rows * heads * size, size, heads * size};
  };
  run_attention(call, sizes, view(q, sizes.queries, sizes.head_size, false),
                view(k, sizes.keys, sizes.head_size, by_head),
                view(v, sizes.keys, sizes.value_size, by_head), ScoreMask<Real>(call, sizes, 4, 5));
}

}  // namespace

template <typename Real>
void add_attention_operators(OperatorTable<Real>& table) {
  const std::string microsoft(k_microsoft_domain);
  table[{"Attention", microsoft}] = attention<Real>;
  table[{"QAttention", microsoft}] = quantized_attention<Real>;
  table[{"MultiHeadAttention", microsoft}] = multi_head_attention<Real>;
}

template void add_attention_operators(OperatorTable<float>&);
template void add_attention_operators(OperatorTable<double>&);

}  // namespace hasten::graph
