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

class StorageMap {
 public:
  // `narrow_bytes`: of an element of the narrow type; 0 when there is none.
  StorageMap(const Program& program, std::size_t narrow_bytes);

  const Forms& forms(BufferId buffer) const { return forms_[index(buffer)]; }
  // Room for the product of an instruction that cannot write it to where its result goes: a Linear
  // with an activation whose residual it overwrites.
  std::optional<StorageId> product(std::size_t instruction) const { return products_[instruction]; }
  MemoryPlan plan() const { return MemoryPlan(storages_); }

 private:
  static std::size_t index(BufferId buffer) { return static_cast<std::size_t>(buffer); }
  void note_reads(const Instruction& instruction);
  void need(BufferId buffer, bool narrow);
  void note_lives(const Program& program);
  StorageId add_storage(const Program& program, BufferId buffer, std::size_t element_bytes);

  std::size_t narrow_bytes_;
  std::vector<bool> needs_float32_, needs_narrow_;
  std::vector<std::size_t> first_, last_;
  std::vector<Forms> forms_;
  std::vector<std::optional<StorageId>> products_;
  std::vector<Storage> storages_;
};

}  // namespace hasten::engine::cuda
