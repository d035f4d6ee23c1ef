#include "engine/describe.h"

#include <fmt/format.h>

#include "engine/instruction_names.h"

namespace hasten::engine {
namespace {

std::string_view name_of(IndexSource source) {
  switch (source) {
    case IndexSource::k_token_id:
      return "token_id";
    case IndexSource::k_type_id:
      return "type_id";
    case IndexSource::k_position:
      return "position";
    case IndexSource::k_padded_position:
      return "padded_position";
  }
  return "";
}

class Describer {
 public:
  explicit Describer(const Program& program) : program_(program) {}

  std::string name(BufferId id) const {
    const char kind = program_.buffer(id).rows == Rows::k_tokens ? 't' : 's';
    return fmt::format("{}{}", kind, static_cast<int>(id));
  }

  std::string operator()(const Embed& op) const {
    std::string lookups;
    for (const Lookup& lookup : op.lookups) {
      lookups += fmt::format("{}{}", lookups.empty() ? "" : ", ", name_of(lookup.source));
      if (lookup.index_offset != 0) lookups += fmt::format("+{}", lookup.index_offset);
    }
    return fmt::format("Embed({}){}", lookups, op.normalization ? " normalize" : "");
  }
  std::string operator()(const Linear& op) const {
    return fmt::format("Linear({}{}) {}x{}{}{}{}{}", name(op.input), optional(op.residual),
                       op.weight.inputs(), op.weight.outputs(),
                       op.weight.transposed ? " transposed" : "", op.weight.scales ? " scaled" : "",
                       op.bias ? " bias" : "", activation(op.activation));
  }
  std::string operator()(const Attention& op) const {
    return fmt::format("Attention({}, {}, {}) heads {}{}{}{}", columns(op.query), columns(op.key),
                       columns(op.value), op.heads, distances(op), op.rotation ? " rotated" : "",
                       op.window ? fmt::format(" window {}", *op.window) : "");
  }
  std::string operator()(const FoldedAttention& op) const {
    return fmt::format("FoldedAttention({}, {}) heads {}", columns(op.query), name(op.input),
                       op.heads);
  }
  std::string operator()(const AddNormalize& op) const {
    return fmt::format("AddNormalize({}{})", name(op.input), optional(op.residual));
  }
  std::string operator()(const Activate& op) const {
    return fmt::format("Activate({}){}", name(op.input), activation(op.activation));
  }
  std::string operator()(const Gate& op) const {
    return fmt::format("Gate({}){}", name(op.input), activation(op.activation));
  }
  std::string operator()(const Neighbors& op) const {
    return fmt::format("Neighbors({}) radius {}", name(op.input), op.radius);
  }
  std::string operator()(const Add& op) const {
    return fmt::format("Add({}, {})", name(op.left), name(op.right));
  }
  std::string operator()(const Pool& op) const {
    return fmt::format("Pool({}) {}", name(op.input),
                       op.kind == PoolKind::k_first_token ? "first_token" : "mean");
  }

 private:
  std::string optional(BufferId id) const { return id == k_no_buffer ? "" : ", " + name(id); }
  std::string columns(const Columns& c) const {
    return fmt::format("{}+{}", name(c.buffer), c.offset);
  }
  static std::string distances(const Attention& op) {
    if (!op.distance_scores) return "";
    const DistanceScores& scores = *op.distance_scores;
    return fmt::format("{}{}{} below {}", scores.bias ? " biased" : "",
                       scores.by_query ? " by_query" : "", scores.by_key ? " by_key" : "",
                       scores.limit);
  }
  static std::string activation(Activation a) {
    return a == Activation::k_none ? "" : fmt::format(" {}", activation_name(a));
  }

  const Program& program_;
};

}  // namespace

std::string describe(const Program& program) {
  const Describer describer(program);
  std::string out;
  for (const Instruction& instruction : program.instructions) {
    const BufferId output = write_of(instruction);
    out += fmt::format("{}[{}] = {}\n", describer.name(output), program.buffer(output).width,
                       std::visit(describer, instruction));
  }
  return out + "logits " + describer.name(program.logits) + "\n";
}

}  // namespace hasten::engine
