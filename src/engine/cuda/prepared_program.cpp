#include "engine/cuda/prepared_program.h"

#include <type_traits>
#include <variant>

#include "base/error.h"
#include "engine/cuda/builder.h"
#include "engine/cuda/devices.h"

namespace hasten::engine::cuda {
namespace {

std::size_t narrow_bytes(NumberType type) {
  return type == NumberType::k_float32 ? 0 : 2;
}

std::unique_ptr<Operation> operation_of(const Instruction& instruction, NumberType type,
                                        const Builder& builder) {
  return std::visit(
      [&](const auto& op) -> std::unique_ptr<Operation> {
        if constexpr (std::is_same_v<std::decay_t<decltype(op)>, FoldedAttention>) {
          fail(ErrorCode::k_internal,
               "an attention was folded for a GPU, which has no kernel for it", {}, {}, {});
        } else {
          switch (type) {
            case NumberType::k_bfloat16:
              return make_operation<BFloat16>(op, builder);
            case NumberType::k_float16:
              return make_operation<Float16>(op, builder);
            case NumberType::k_float8:  // no type of buffers
            case NumberType::k_float32:
              break;
          }
          return make_operation<float>(op, builder);
        }
      },
      instruction);
}

// The device computes the rows of one Embed: the tokens' own.
std::vector<Lookup> lookups_of(const Program& program) {
  std::vector<Lookup> lookups;
  for (const Instruction& instruction : program.instructions) {
    const auto* embed = std::get_if<Embed>(&instruction);
    if (embed == nullptr) continue;
    if (!lookups.empty()) {
      fail(ErrorCode::k_unsupported, "a model with two embeddings does not run on the GPU", {}, {},
           "Use --device cpu.");
    }
    for (const Lookup& lookup : embed->lookups)
      lookups.push_back({{}, lookup.source, lookup.index_offset});
  }
  return lookups;
}

}  // namespace

PreparedProgram::PreparedProgram(const Program& program, NumberType type, int the_device)
    : device(the_device),
      algorithms(make_algorithm_cache()),
      lookups(lookups_of(program)),
      class_count(static_cast<std::size_t>(program.class_count)) {
  use_device(device);
  const StorageMap storages(program, narrow_bytes(type));
  plan = storages.plan();
  logits = *storages.forms(program.logits).float32;
  Product product(algorithms, nullptr);
  Builder builder{program, storages, weights, product, 0};
  for (const Instruction& instruction : program.instructions) {
    operations.push_back(operation_of(instruction, type, builder));
    ++builder.instruction;
  }
  // Copies of pageable memory may still be on their way when cudaMemcpy returns, and the streams of the lanes
  // do not wait for the stream of these.
  check(cudaStreamSynchronize(nullptr), "weights cannot be copied to the GPU");
}

}  // namespace hasten::engine::cuda
