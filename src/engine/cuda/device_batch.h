// A ragged batch as the device sees it: one block of integers, laid out for batches of its size class.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/program.h"

namespace hasten::engine::cuda {

// Queries of one sequence that one block of the attention kernel attends for.
inline constexpr std::size_t k_tile_queries = 64;

// Upper bounds that grids and memory are sized by. Batches of one size class share what was recorded
// for it; rows beyond a batch's own are computed and never read.
struct SizeClass {
  std::size_t tokens = 0;
  std::size_t sequences = 0;
  std::size_t tiles = 0;
  auto operator<=>(const SizeClass&) const = default;  // NOLINT(modernize-use-nullptr): its own 0
};

// Tokens are rounded up by at most an eighth, to a multiple of 64; the rest to powers of two.
SizeClass size_class_of(const RaggedBatch& batch);

// Where each part of the block starts, in integers.
struct BatchLayout {
  BatchLayout(const SizeClass& size_class, std::size_t lookups);
  std::size_t offsets;    // sequences + 1: as in RaggedBatch
  std::size_t sequences;  // tokens: the sequence of each
  std::size_t tiles;      // tiles x 2: a sequence and its first query, for k_tile_queries at most
  std::size_t rows;       // lookups x tokens: the row of each lookup's table
  std::size_t size;       // of the whole
};
// Before them: how many tokens, sequences and tiles there are.
inline constexpr std::size_t k_count_tokens = 0;
inline constexpr std::size_t k_count_sequences = 1;
inline constexpr std::size_t k_count_tiles = 2;

// Writes the block of `batch`; `block` has the layout's size. The rows of all lookups are computed
// here, so that the device only gathers.
void write_batch(const RaggedBatch& batch, std::span<const Lookup> lookups,
                 const SizeClass& size_class, std::span<std::int32_t> block);

// A block on the device.
struct DeviceBatch {
  SizeClass size_class;
  const std::int32_t* counts = nullptr;
  const std::int32_t* offsets = nullptr;
  const std::int32_t* sequences = nullptr;
  const std::int32_t* tiles = nullptr;
  const std::int32_t* rows = nullptr;

  DeviceBatch(const SizeClass& the_class, std::size_t lookups, const std::int32_t* block);
  std::size_t row_bound(Rows kind) const {
    return kind == Rows::k_tokens ? size_class.tokens : size_class.sequences;
  }
  const std::int32_t* row_count(Rows kind) const {
    return counts + (kind == Rows::k_tokens ? k_count_tokens : k_count_sequences);
  }
};

// Cuts a batch into passes of at most `token_budget` tokens (a longer sequence is a pass of its own):
// the first sequence of each, and the end.
std::vector<std::size_t> cut_into_passes(const RaggedBatch& batch, std::size_t token_budget);

}  // namespace hasten::engine::cuda
