#include "engine/cpu/builder.h"

#include <algorithm>
#include <limits>

namespace hasten::engine::cpu {

std::vector<Storage> storages_of(const Program& program) {
  std::vector<Storage> storages;
  for (const Buffer& buffer : program.buffers) {
    const std::size_t bytes = static_cast<std::size_t>(buffer.width) * sizeof(float);
    storages.push_back({buffer.rows, bytes, std::numeric_limits<std::size_t>::max(), 0});
  }
  const auto use = [&](BufferId buffer, std::size_t instruction) {
    Storage& storage = storages[static_cast<std::size_t>(buffer)];
    storage.first = std::min(storage.first, instruction);
    storage.last = std::max(storage.last, instruction);
  };
  for (std::size_t i = 0; i < program.instructions.size(); ++i) {
    for (const BufferId buffer : reads_of(program.instructions[i])) use(buffer, i);
    use(write_of(program.instructions[i]), i);
  }
  use(program.logits, program.instructions.size());
  for (Storage& storage : storages) storage.first = std::min(storage.first, storage.last);
  return storages;
}

}  // namespace hasten::engine::cpu
