#include "engine/program.h"

#include <type_traits>

namespace hasten::engine {
namespace {

struct Reads {
  std::vector<BufferId> ids;
  void operator()(const Embed&) {}
  void operator()(const Linear& op) { add(op.input, op.residual); }
  void operator()(const Attention& op) { add(op.query.buffer, op.key.buffer, op.value.buffer); }
  void operator()(const FoldedAttention& op) { add(op.query.buffer, op.input); }
  void operator()(const AddNormalize& op) { add(op.input, op.residual); }
  void operator()(const Activate& op) { add(op.input); }
  void operator()(const Gate& op) { add(op.input); }
  void operator()(const Neighbors& op) { add(op.input); }
  void operator()(const Add& op) { add(op.left, op.right); }
  void operator()(const Pool& op) { add(op.input); }

  template <typename... Ids>
  void add(Ids... all) {
    for (const BufferId id : {all...}) {
      if (id != k_no_buffer) ids.push_back(id);
    }
  }
};

struct Name {
  std::string_view operator()(const Embed&) const { return "Embed"; }
  std::string_view operator()(const Linear&) const { return "Linear"; }
  std::string_view operator()(const Attention&) const { return "Attention"; }
  std::string_view operator()(const FoldedAttention&) const { return "FoldedAttention"; }
  std::string_view operator()(const AddNormalize&) const { return "AddNormalize"; }
  std::string_view operator()(const Activate&) const { return "Activate"; }
  std::string_view operator()(const Gate&) const { return "Gate"; }
  std::string_view operator()(const Neighbors&) const { return "Neighbors"; }
  std::string_view operator()(const Add&) const { return "Add"; }
  std::string_view operator()(const Pool&) const { return "Pool"; }
};

}  // namespace

RaggedBatch part_of(const RaggedBatch& batch, std::size_t begin, std::size_t end,
                    std::vector<std::int32_t>& offsets) {
  const std::int32_t first = batch.offsets[begin];
  const std::int32_t last = batch.offsets[end];
  offsets.clear();
  for (std::size_t sequence = begin; sequence <= end; ++sequence) {
    offsets.push_back(batch.offsets[sequence] - first);
  }
  const auto start = static_cast<std::size_t>(first);
  const auto count = static_cast<std::size_t>(last - first);
  return {batch.token_ids.subspan(start, count), batch.type_ids.subspan(start, count), offsets};
}

std::vector<BufferId> reads_of(const Instruction& instruction) {
  Reads reads;
  std::visit(reads, instruction);
  return std::move(reads.ids);
}

BufferId write_of(const Instruction& instruction) {
  return std::visit([](const auto& op) { return op.output; }, instruction);
}

std::string_view name_of(const Instruction& instruction) {
  return std::visit(Name{}, instruction);
}

}  // namespace hasten::engine
