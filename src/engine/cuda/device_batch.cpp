#include "engine/cuda/device_batch.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace hasten::engine::cuda {
namespace {

constexpr std::size_t k_header = 4;

std::size_t round_up(std::size_t value, std::size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

std::size_t length_of(const RaggedBatch& batch, std::size_t sequence) {
  return static_cast<std::size_t>(batch.offsets[sequence + 1] - batch.offsets[sequence]);
}

std::size_t tile_count(const RaggedBatch& batch) {
  std::size_t tiles = 0;
  for (std::size_t sequence = 0; sequence < batch.sequence_count(); ++sequence) {
    tiles += (length_of(batch, sequence) + k_tile_queries - 1) / k_tile_queries;
  }
  return tiles;
}

void write_sequences(const RaggedBatch& batch, const BatchLayout& layout,
                     std::span<std::int32_t> block) {
  std::int32_t* tile = block.data() + layout.tiles;
  for (std::size_t sequence = 0; sequence < batch.sequence_count(); ++sequence) {
    const auto number = static_cast<std::int32_t>(sequence);
    std::fill_n(block.data() + layout.sequences + batch.offsets[sequence],
                length_of(batch, sequence), number);
    for (std::size_t query = 0; query < length_of(batch, sequence); query += k_tile_queries) {
      *tile++ = number;
      *tile++ = static_cast<std::int32_t>(query);
    }
  }
}

// The meaning of each source is stated at IndexSource.
void write_rows(const RaggedBatch& batch, const Lookup& lookup, std::int32_t* rows) {
  const auto offset = static_cast<std::int32_t>(lookup.index_offset);
  switch (lookup.source) {
    case IndexSource::k_token_id:
      std::copy(batch.token_ids.begin(), batch.token_ids.end(), rows);
      return;
    case IndexSource::k_type_id:
      std::copy(batch.type_ids.begin(), batch.type_ids.end(), rows);
      return;
    case IndexSource::k_position:
      for (std::size_t sequence = 0; sequence < batch.sequence_count(); ++sequence) {
        const std::int32_t first = batch.offsets[sequence];
        for (std::int32_t token = first; token < batch.offsets[sequence + 1]; ++token) {
          rows[token] = offset + token - first;
        }
      }
      return;
    case IndexSource::k_padded_position:
      for (std::size_t sequence = 0; sequence < batch.sequence_count(); ++sequence) {
        std::int32_t running = 0;
        for (std::int32_t token = batch.offsets[sequence]; token < batch.offsets[sequence + 1];
             ++token) {
          const bool pad = batch.token_ids[static_cast<std::size_t>(token)] == offset;
          rows[token] = pad ? offset : offset + ++running;
        }
      }
      return;
  }
}

}  // namespace

SizeClass size_class_of(const RaggedBatch& batch) {
  const std::size_t tokens = batch.token_count();
  const std::size_t step = std::max<std::size_t>(64, std::bit_floor(tokens) / 8);
  return {round_up(tokens, step), std::bit_ceil(batch.sequence_count()),
          std::bit_ceil(tile_count(batch))};
}

BatchLayout::BatchLayout(const SizeClass& size_class, std::size_t lookups)
    : offsets(k_header),
      sequences(offsets + size_class.sequences + 1),
      tiles(sequences + size_class.tokens),
      rows(tiles + 2 * size_class.tiles),
      size(rows + lookups * size_class.tokens) {}

void write_batch(const RaggedBatch& batch, std::span<const Lookup> lookups,
                 const SizeClass& size_class, std::span<std::int32_t> block) {
  const BatchLayout layout(size_class, lookups.size());
  assert(block.size() >= layout.size);
  block[k_count_tokens] = static_cast<std::int32_t>(batch.token_count());
  block[k_count_sequences] = static_cast<std::int32_t>(batch.sequence_count());
  block[k_count_tiles] = static_cast<std::int32_t>(tile_count(batch));
  std::copy(batch.offsets.begin(), batch.offsets.end(),
            block.begin() + static_cast<std::ptrdiff_t>(layout.offsets));
  write_sequences(batch, layout, block);
  for (std::size_t i = 0; i < lookups.size(); ++i) {
    write_rows(batch, lookups[i], block.data() + layout.rows + i * size_class.tokens);
  }
}

DeviceBatch::DeviceBatch(const SizeClass& the_class, std::size_t lookups, const std::int32_t* block)
    : size_class(the_class) {
  const BatchLayout layout(the_class, lookups);
  counts = block;
  offsets = block + layout.offsets;
  sequences = block + layout.sequences;
  tiles = block + layout.tiles;
  rows = block + layout.rows;
}

std::vector<std::size_t> cut_into_passes(const RaggedBatch& batch, std::size_t token_budget) {
  std::vector<std::size_t> cut{0};
  for (std::size_t sequence = 0; sequence < batch.sequence_count(); ++sequence) {
    const auto tokens =
        static_cast<std::size_t>(batch.offsets[sequence + 1] - batch.offsets[cut.back()]);
    if (tokens > token_budget && sequence > cut.back()) cut.push_back(sequence);
  }
  cut.push_back(batch.sequence_count());
  return cut;
}

}  // namespace hasten::engine::cuda
