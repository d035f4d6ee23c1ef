// Where each buffer of a program lies on the device, in each form that somebody reads.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "engine/memory_plan.h"
#include "engine/program.h"

namespace hasten::engine::cuda {

// Index of a Storage in the memory plan.
enum class StorageId : std::size_t {};

// Matrix products and attention read the narrow form, sums and normalisation float32, so that what
// is added up over the layers is not rounded. Without a narrow type there is float32 alone.
struct Forms {
  std::optional<StorageId> float32;
  std::optional<StorageId> narrow;
};

// Where a product of float8 keeps its quantised input while it runs.
struct Float8Scratch {
  StorageId values{};
  StorageId row_scales{};  // float32
};

class StorageMap {
 public:
  // `narrow_bytes`: of an element of the narrow type; 0 when there is none.
  StorageMap(const Program& program, std::size_t narrow_bytes);

  const Forms& forms(BufferId buffer) const { return forms_[index(buffer)]; }
  // Room for the product of an instruction that cannot write it to where its result goes: a Linear
  // whose residual it overwrites, with an activation or at float8, before the residual is added.
  std::optional<StorageId> product(std::size_t instruction) const { return products_[instruction]; }
  // Of a Linear at float8.
  const std::optional<Float8Scratch>& float8(std::size_t instruction) const {
    return float8_[instruction];
  }
  MemoryPlan plan() const { return MemoryPlan(storages_); }

 private:
  static std::size_t index(BufferId buffer) { return static_cast<std::size_t>(buffer); }
  void note_reads(const Instruction& instruction);
  void need(BufferId buffer, bool narrow);
  void note_lives(const Program& program);
  StorageId add_storage(const Program& program, BufferId buffer, std::size_t element_bytes);
  void add_scratch(const Program& program, const Linear& linear, std::size_t instruction);
  StorageId add_scratch(Rows rows, std::size_t row_bytes, std::size_t instruction);

  std::size_t narrow_bytes_;
  std::vector<bool> needs_float32_, needs_narrow_;
  std::vector<std::size_t> first_, last_;
  std::vector<Forms> forms_;
  std::vector<std::optional<StorageId>> products_;
  std::vector<std::optional<Float8Scratch>> float8_;
  std::vector<Storage> storages_;
};

}  // namespace hasten::engine::cuda
