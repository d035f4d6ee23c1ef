// Attention of the main domain (opset 23 and on).
#include <limits>

#include "graph/attention_heads.h"
#include "graph/broadcast.h"
#include "graph/head_dims.h"
#include "graph/operator_table.h"

namespace hasten::graph {
namespace {

// The elements as [batch, heads, rows, size], those of the cache first.
template <typename Real>
std::vector<Real> with_past(const OperatorCall<Real>& call, std::size_t index,
                            std::size_t past_index, HeadDims& dims) {
  const auto in = call.reals(index);
  const bool by_head = call.input(index).rank() == 4;
  std::int64_t past_rows = 0;
  std::span<const Real> past;
  if (call.has(past_index)) {
    const Dims& cached = call.input(past_index).dims;
    call.check_shapes(cached.size() == 4 && cached[0] == dims.batch && cached[1] == dims.heads &&
                      cached[3] == dims.size);
    past_rows = cached[2];
    past = call.reals(past_index);
  }
  std::vector<Real> out;
  out.reserve(in.size() + past.size());
  for (std::int64_t pair = 0; pair < dims.batch * dims.heads; ++pair) {
    const std::int64_t cached = past_rows * dims.size;
    out.insert(out.end(), past.begin() + pair * cached, past.begin() + (pair + 1) * cached);
    for (std::int64_t row = 0; row < dims.rows; ++row) {
      const std::int64_t batch = pair / dims.heads;
      const std::int64_t place = by_head
                                     ? pair * dims.rows + row
                                     : (batch * dims.rows + row) * dims.heads + pair % dims.heads;
      out.insert(out.end(), in.begin() + place * dims.size, in.begin() + (place + 1) * dims.size);
    }
  }
  dims.rows += past_rows;
  return out;
}

template <typename Real>
Heads<Real> by_head(const std::vector<Real>& data, const HeadDims& dims) {
  return {data.data(), dims.heads * dims.rows * dims.size, dims.rows * dims.size, dims.size};
}

// What is added to the scores: attn_mask, the causal triangle, the window and the lengths of the
// keys.
template <typename Real>
class AttentionBias {
 public:
  AttentionBias(const OperatorCall<Real>& call, const AttentionSizes& sizes, std::int64_t past_rows)
      : sizes_(sizes),
        causal_(call.node.integer("is_causal", 0) != 0),
        past_rows_(past_rows),
        left_window_(call.node.integer("left_window_size", -1)),
        right_window_(call.node.integer("right_window_size", -1)) {
    if (call.has(6)) {
      lengths_ = call.integers(6);
      call.check_shapes(call.input(6).dims == Dims{sizes.batch});
    }
    if (call.has(3)) read_mask(call, call.input(3));
  }

  Real at(std::int64_t batch, std::int64_t head, std::int64_t query, std::int64_t key) const {
    constexpr Real hidden = -std::numeric_limits<Real>::infinity();
    const std::int64_t length =
        lengths_.empty() ? sizes_.keys : lengths_[static_cast<std::size_t>(batch)];
    if (key >= length) return hidden;
    const std::int64_t first = lengths_.empty() ? past_rows_ : length - sizes_.queries;
    const std::int64_t distance = key - (first + query);
    if (causal_ && distance > 0) return hidden;
    if (left_window_ >= 0 && -distance > left_window_) return hidden;
    if (right_window_ >= 0 && distance > right_window_) return hidden;
    if (mask_.empty()) return 0;
    if (key >= mask_columns_) return hidden;
    return mask_[static_cast<std::size_t>(batch * steps_[0] + head * steps_[1] + query * steps_[2] +
                                          key * steps_[3])];
  }

 private:
  // The mask may have fewer columns than there are keys: the others are hidden.
  void read_mask(const OperatorCall<Real>& call, const Array<Real>& mask) {
    call.check_shapes(mask.rank() >= 1 && mask.rank() <= 4);
    mask_columns_ = mask.dims.back() == 1 ? sizes_.keys : mask.dims.back();
    const Dims target = {sizes_.batch, sizes_.heads, sizes_.queries, mask_columns_};
    call.check_shapes(mask_columns_ <= sizes_.keys && broadcast_dims(mask.dims, target) == target);
    steps_ = broadcast_strides(mask.dims, target);
    constexpr Real hidden = -std::numeric_limits<Real>::infinity();
    // The lowest number of its type hides as minus infinity does, in ONNX Runtime too.
    const double lowest = mask.floating() ? lowest_of(mask.dtype) : 0;
    for (const Real value : mask.reals) mask_.push_back(value <= lowest ? hidden : value);
    for (const std::int64_t value : mask.integers) mask_.push_back(value != 0 ? 0 : hidden);
  }

  const AttentionSizes sizes_;
  const bool causal_;
  const std::int64_t past_rows_;
  const std::int64_t left_window_;  // keys before the query's own place that it sees; -1: all
  const std::int64_t right_window_;
  std::span<const std::int64_t> lengths_;
  std::vector<Real> mask_;
  std::int64_t mask_columns_ = 0;
  Dims steps_;
};

// The rows that the fourth output shows, at the stage that its mode asks for.
enum class ScoreStage { k_product = 0, k_softcapped = 1, k_biased = 2, k_weights = 3 };

template <typename Real>
class AttentionRows {
 public:
  AttentionRows(const OperatorCall<Real>& call, const AttentionSizes& sizes, std::int64_t past_rows)
      : sizes_(sizes),
        bias_(call, sizes, past_rows),
        softcap_(static_cast<Real>(call.node.number("softcap", 0))),
        stage_(static_cast<ScoreStage>(call.node.integer("qk_matmul_output_mode", 0))) {
    if (call.node.outputs.size() > 3) shown_.resize(checked_count(dims()));
  }

  Dims dims() const { return {sizes_.batch, sizes_.heads, sizes_.queries, sizes_.keys}; }
  std::vector<Real> take_shown() { return std::move(shown_); }

  void adjust(std::int64_t batch, std::int64_t head, std::int64_t query, std::vector<Real>& row) {
    show(ScoreStage::k_product, batch, head, query, row);
    if (softcap_ > 0) {
      for (Real& score : row) score = softcap_ * std::tanh(score / softcap_);
    }
    show(ScoreStage::k_softcapped, batch, head, query, row);
    all_hidden_ = true;
    for (std::size_t key = 0; key < row.size(); ++key) {
      const Real bias = bias_.at(batch, head, query, static_cast<std::int64_t>(key));
      all_hidden_ = all_hidden_ && bias == -std::numeric_limits<Real>::infinity();
      row[key] += bias;
    }
    show(ScoreStage::k_biased, batch, head, query, row);
  }

  // A query from which every key is hidden has no weights, and its result is 0.
  void observe(std::int64_t batch, std::int64_t head, std::int64_t query, std::vector<Real>& row) {
    if (all_hidden_) std::fill(row.begin(), row.end(), Real{0});
    show(ScoreStage::k_weights, batch, head, query, row);
  }

 private:
  void show(ScoreStage stage, std::int64_t batch, std::int64_t head, std::int64_t query,
            const std::vector<Real>& row) {
    if (stage != stage_ || shown_.empty()) return;
    const std::int64_t place =
        ((batch * sizes_.heads + head) * sizes_.queries + query) * sizes_.keys;
    std::copy(row.begin(), row.end(), shown_.begin() + place);
  }

  const AttentionSizes sizes_;
  const AttentionBias<Real> bias_;
  const Real softcap_;
  const ScoreStage stage_;
  std::vector<Real> shown_;
  bool all_hidden_ = false;
};

// Inputs Q, K, V, attn_mask, past_key, past_value, nonpad_kv_seqlen.
template <typename Real>
void onnx_attention(OperatorCall<Real>& call) {
  const HeadDims q_dims = head_dims(call, 0, "q_num_heads");
  HeadDims k_dims = head_dims(call, 1, "kv_num_heads");
  HeadDims v_dims = head_dims(call, 2, "kv_num_heads");
  call.check_shapes(q_dims.batch == k_dims.batch && k_dims.batch == v_dims.batch &&
                    q_dims.size == k_dims.size && k_dims.heads == v_dims.heads &&
                    k_dims.rows == v_dims.rows && k_dims.heads > 0 &&
                    q_dims.heads % k_dims.heads == 0 && call.has(4) == call.has(5));
  HeadDims q_copy = q_dims;
  constexpr std::size_t k_none = 99;
  const std::int64_t new_rows = k_dims.rows;
  const std::vector<Real> q = with_past(call, 0, k_none, q_copy);
  std::vector<Real> k = with_past(call, 1, 4, k_dims);
  std::vector<Real> v = with_past(call, 2, 5, v_dims);
  call.check_shapes(k_dims.rows == v_dims.rows);
  const AttentionSizes sizes = {q_dims.batch,
                                q_dims.heads,
                                q_dims.rows,
                                k_dims.rows,
                                q_dims.size,
                                v_dims.size,
                                q_dims.heads / k_dims.heads};
  const Real scale = call.node.attributes.contains("scale")
                         ? static_cast<Real>(call.node.number("scale", 0))
                         : 1 / std::sqrt(static_cast<Real>(q_dims.size));
  const Dims dims = {sizes.batch, sizes.queries, sizes.heads, sizes.value_size};
  checked_count(dims);
  AttentionRows<Real> rows(call, sizes, k_dims.rows - new_rows);
  std::vector<Real> out = attend<Real>(
      sizes, by_head(q, q_dims), by_head(k, k_dims), by_head(v, v_dims), scale,
      [&](auto batch, auto head, auto query, auto& row) { rows.adjust(batch, head, query, row); },
      [&](auto batch, auto head, auto query, auto& row) { rows.observe(batch, head, query, row); });
  const DType dtype = call.input(0).dtype;
  Array<Real> result = make_reals<Real>(dtype, dims, std::move(out));
  if (call.input(0).rank() == 4) {
    const Dims target = {dims[0], dims[2], dims[1], dims[3]};
    const Dims own = strides_of(dims);
    const Dims steps = {own[0], own[2], own[1], own[3]};
    result = rearranged(result, target, [&](auto in, auto to) {
      walk(target, std::array{steps}, [&](std::int64_t index, const auto& at) {
        to[static_cast<std::size_t>(index)] = in[static_cast<std::size_t>(at[0])];
      });
    });
  } else {
    result = reshaped(result, {dims[0], dims[1], dims[2] * dims[3]});
  }
  call.emit(std::move(result));
  call.emit_reals(call.input(1).dtype, {k_dims.batch, k_dims.heads, k_dims.rows, k_dims.size},
                  std::move(k));
  call.emit_reals(call.input(2).dtype, {v_dims.batch, v_dims.heads, v_dims.rows, v_dims.size},
                  std::move(v));
  if (call.node.outputs.size() > 3) call.emit_reals(dtype, rows.dims(), rows.take_shown());
}

}  // namespace

template <typename Real>
void add_onnx_attention_operators(OperatorTable<Real>& table) {
  table[{"Attention", ""}] = onnx_attention<Real>;
}

template void add_onnx_attention_operators(OperatorTable<float>&);
template void add_onnx_attention_operators(OperatorTable<double>&);

}  // namespace hasten::graph
