#include "engine/first_token.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <map>
#include <set>

namespace hasten::engine {
namespace {

// Which rows of each token buffer somebody reads.
enum class Need : std::uint8_t { k_none, k_first, k_all };

class Needs {
 public:
  explicit Needs(const Program& program) : needs_(program.buffers.size(), Need::k_none) {
    for (auto step = program.instructions.rbegin(); step != program.instructions.rend(); ++step) {
      propagate(program, *step);
    }
  }

  Need of(BufferId id) const { return needs_[static_cast<std::size_t>(id)]; }

 private:
  void raise(BufferId id, Need need) {
    if (id == k_no_buffer) return;
    Need& held = needs_[static_cast<std::size_t>(id)];
    held = std::max(held, need);
  }

  void propagate(const Program& program, const Instruction& step) {
    if (const auto* pool = std::get_if<Pool>(&step)) {
      raise(pool->input, pool->kind == PoolKind::k_first_token ? Need::k_first : Need::k_all);
      return;
    }
    const BufferId output = write_of(step);
    // A program reads its own logits whole; other buffers of one row a text stand outside this.
    const Need need = program.buffer(output).rows == Rows::k_tokens && output != program.logits
                          ? of(output)
                          : Need::k_all;
    if (const auto* attention = std::get_if<Attention>(&step)) {
      raise(attention->query.buffer, need);
      raise(attention->key.buffer, Need::k_all);
      return raise(attention->value.buffer, Need::k_all);
    }
    const bool mixes_tokens = std::holds_alternative<Neighbors>(step);
    for (const BufferId input : reads_of(step)) raise(input, mixes_tokens ? Need::k_all : need);
  }

  std::vector<Need> needs_;
};

// Copies columns [begin, begin + count) of a weight stored as [inputs, outputs], or rows when transposed.
Tensor slice_outputs(const Weight& weight, std::int64_t begin, std::int64_t count) {
  const std::size_t element = size_of(weight.values.dtype);
  const auto inputs = static_cast<std::size_t>(weight.inputs());
  const auto outputs = static_cast<std::size_t>(weight.outputs());
  const std::size_t rows = weight.transposed ? 1 : inputs;
  const std::size_t unit = weight.transposed ? inputs * element : element;
  const std::size_t width = static_cast<std::size_t>(count) * unit;
  auto bytes = std::make_shared<std::vector<std::byte>>(rows * width);
  for (std::size_t row = 0; row < rows; ++row) {
    std::memcpy(
        bytes->data() + row * width,
        weight.values.bytes.data() + row * outputs * unit + static_cast<std::size_t>(begin) * unit,
        width);
  }
  Dims dims = weight.transposed ? Dims{count, weight.inputs()} : Dims{weight.inputs(), count};
  return {weight.values.dtype, std::move(dims), *bytes, bytes};
}

Tensor slice_vector(const Tensor& vector, std::int64_t begin, std::int64_t count) {
  const std::vector<float> values = to_float32(vector);
  return make_tensor<float>({count}, {values.begin() + begin, values.begin() + begin + count});
}

// The columns [begin, begin + count) of a Linear as a Linear of their own, writing `output`.
Linear columns_of(const Linear& whole, std::int64_t begin, std::int64_t count, BufferId output) {
  Linear part = whole;
  part.weight.values = slice_outputs(whole.weight, begin, count);
  if (whole.weight.scales) part.weight.scales = slice_vector(*whole.weight.scales, begin, count);
  if (whole.bias) part.bias = slice_vector(*whole.bias, begin, count);
  part.output = output;
  return part;
}

// The last attention whose output is needed for first tokens alone. Its query is a buffer of its own,
// or query, key and value are one packed product that nothing else reads.
struct Site {
  std::size_t attention = 0;           // index of the Attention
  std::optional<std::size_t> product;  // index of the packed Linear
};

std::optional<std::size_t> find_packed_product(const Program& program, std::size_t at) {
  const auto& attention = std::get<Attention>(program.instructions[at]);
  const BufferId packed = attention.query.buffer;
  const std::int64_t width = attention.heads * attention.head_size;
  if (attention.key.buffer != packed || attention.value.buffer != packed ||
      attention.query.offset != 0 || attention.key.offset != width) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < at; ++i) {
    const auto* linear = std::get_if<Linear>(&program.instructions[i]);
    if (linear != nullptr && linear->output == packed && linear->activation == Activation::k_none &&
        linear->residual == k_no_buffer) {
      return i;
    }
  }
  return std::nullopt;
}

std::optional<Site> find_site(const Program& program, const Needs& needs) {
  for (std::size_t i = 0; i < program.instructions.size(); ++i) {
    const auto* attention = std::get_if<Attention>(&program.instructions[i]);
    if (attention == nullptr || needs.of(attention->output) != Need::k_first) continue;
    if (needs.of(attention->query.buffer) == Need::k_first) return Site{i, std::nullopt};
    const auto product = find_packed_product(program, i);
    return product ? std::optional(Site{i, product}) : std::nullopt;
  }
  return std::nullopt;
}

// Writes the narrowed program, instruction by instruction.
class Narrowing {
 public:
  Narrowing(Program& program, const Needs& needs, Site site)
      : program_(program), needs_(needs), site_(site), steps_(std::move(program.instructions)) {
    program_.instructions.clear();
  }

  void run() {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (i == site_.product) {
        split_product(std::get<Linear>(steps_[i]));
      } else if (i == site_.attention) {
        narrow_attention(std::get<Attention>(steps_[i]));
      } else {
        narrow_step(std::move(steps_[i]));
      }
    }
  }

 private:
  // The buffer that holds the first tokens' rows of `id`, taken out of it when it holds all rows.
  BufferId first_rows(BufferId id) {
    if (id == k_no_buffer || program_.buffer(id).rows == Rows::k_sequences) return id;
    const auto found = first_rows_.find(id);
    if (found != first_rows_.end()) return found->second;
    const BufferId pooled = program_.add_buffer(Rows::k_sequences, program_.buffer(id).width);
    program_.instructions.emplace_back(Pool{id, PoolKind::k_first_token, pooled});
    return first_rows_[id] = pooled;
  }

  void split_product(const Linear& whole) {
    const auto& attention = std::get<Attention>(steps_[site_.attention]);
    const std::int64_t width = attention.heads * attention.head_size;
    query_ = program_.add_buffer(Rows::k_sequences, width);
    key_value_ = program_.add_buffer(Rows::k_tokens, 2 * width);
    Linear query = columns_of(whole, 0, width, query_);
    query.input = first_rows(whole.input);
    program_.instructions.emplace_back(std::move(query));
    program_.instructions.emplace_back(columns_of(whole, width, 2 * width, key_value_));
  }

  void narrow_attention(Attention attention) {
    const std::int64_t width = attention.heads * attention.head_size;
    if (site_.product) {
      attention.query = {query_, 0};
      attention.key = {key_value_, 0};
      attention.value = {key_value_, width};
    } else {
      attention.query.buffer = first_rows(renamed(attention.query.buffer));
      attention.key.buffer = renamed(attention.key.buffer);
      attention.value.buffer = renamed(attention.value.buffer);
    }
    program_.buffers[static_cast<std::size_t>(attention.output)].rows = Rows::k_sequences;
    program_.instructions.emplace_back(attention);
  }

  void narrow_step(Instruction step) {
    const auto* pool = std::get_if<Pool>(&step);
    if (pool != nullptr && pool->kind == PoolKind::k_first_token) {
      renamed_[pool->output] = first_rows(renamed(pool->input));
      return;
    }
    const BufferId output = write_of(step);
    const bool narrow =
        program_.buffer(output).rows == Rows::k_tokens && needs_.of(output) == Need::k_first &&
        !std::holds_alternative<Embed>(step) && !std::holds_alternative<Neighbors>(step);
    std::visit([&](auto& op) { redirect(op, narrow); }, step);
    if (narrow) program_.buffers[static_cast<std::size_t>(output)].rows = Rows::k_sequences;
    program_.instructions.push_back(std::move(step));
  }

  BufferId renamed(BufferId id) const {
    const auto found = renamed_.find(id);
    return found == renamed_.end() ? id : found->second;
  }
  void update(BufferId& id, bool narrow) { id = narrow ? first_rows(renamed(id)) : renamed(id); }

  void redirect(Embed&, bool) {}
  void redirect(Linear& op, bool narrow) {
    update(op.input, narrow);
    update(op.residual, narrow);
  }
  void redirect(Attention& op, bool) {
    for (Columns* columns : {&op.query, &op.key, &op.value}) update(columns->buffer, false);
  }
  // Made of an attention that is narrow already: nothing needs it before this has run.
  void redirect(FoldedAttention& op, bool) {
    update(op.query.buffer, false);
    update(op.input, false);
  }
  void redirect(AddNormalize& op, bool narrow) {
    update(op.input, narrow);
    update(op.residual, narrow);
  }
  void redirect(Activate& op, bool narrow) { update(op.input, narrow); }
  void redirect(Gate& op, bool narrow) { update(op.input, narrow); }
  void redirect(Neighbors& op, bool) { update(op.input, false); }
  void redirect(Add& op, bool narrow) {
    update(op.left, narrow);
    update(op.right, narrow);
  }
  void redirect(Pool& op, bool) { update(op.input, false); }

  Program& program_;
  const Needs& needs_;
  Site site_;
  std::vector<Instruction> steps_;
  BufferId query_{};
  BufferId key_value_{};
  std::map<BufferId, BufferId> first_rows_;
  std::map<BufferId, BufferId> renamed_;
};

}  // namespace

bool narrow_to_first_token(Program& program) {
  const Needs needs(program);
  const auto site = find_site(program, needs);
  if (!site) return false;
  Narrowing(program, needs, *site).run();
  return true;
}

}  // namespace hasten::engine
