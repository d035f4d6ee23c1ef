#include "engine/cpu/workspace.h"

#include <algorithm>

#include "engine/cpu/isa/kernels.h"

namespace hasten::engine::cpu {

void Workspace::reserve(std::size_t tokens, std::size_t sequences, std::size_t scratch_bytes) {
  if (tokens > tokens_ || sequences > sequences_) {
    tokens_ = std::max(tokens, tokens_);
    sequences_ = std::max(sequences, sequences_);
    // Operands may lie in tiles of rows, the last of which must be there as a whole.
    layout_ = plan_->layout(round_up(tokens_, k_operand_tile_rows),
                            round_up(sequences_, k_operand_tile_rows));
    memory_ = AlignedBuffer();  // the old one first, so that both are never there at once
    memory_ = AlignedBuffer(layout_.size);
  }
  if (scratch_bytes > scratch_bytes_) {
    scratch_bytes_ = round_up(scratch_bytes, AlignedBuffer::k_alignment);
    scratch_ = AlignedBuffer();
    scratch_ = AlignedBuffer(scratch_bytes_ * static_cast<std::size_t>(workers_));
  }
}

}  // namespace hasten::engine::cpu
