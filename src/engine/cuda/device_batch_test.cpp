#include "engine/cuda/device_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/cpu/programs_for_tests.h"

namespace hasten::engine::cuda {
namespace {

using cpu::reference::PackedBatch;
using testing::ElementsAre;

PackedBatch batch_of(const std::vector<std::size_t>& lengths) {
  cpu::reference::Random random(1);
  std::vector<cpu::reference::Sequence> sequences;
  for (const std::size_t length : lengths)
    sequences.push_back(cpu::reference::random_sequence(random, length));
  return PackedBatch(sequences);
}

TEST(DeviceBatch, HasRoomForWhatItHolds) {
  for (const auto& lengths : std::vector<std::vector<std::size_t>>{
           {1}, {64}, {65, 1}, {500, 24, 24}, std::vector<std::size_t>(900, 24)}) {
    const PackedBatch batch = batch_of(lengths);
    const SizeClass size_class = size_class_of(batch.view());
    EXPECT_GE(size_class.tokens, batch.view().token_count());
    EXPECT_GE(size_class.sequences, lengths.size());
    EXPECT_LE(size_class.tokens, batch.view().token_count() * 9 / 8 + 64);
  }
}

TEST(DeviceBatch, ListsSequencesTilesAndRows) {
  const PackedBatch packed = batch_of({2, 130});
  const RaggedBatch batch = packed.view();
  const std::vector<Lookup> lookups{{{}, IndexSource::k_token_id, 0},
                                    {{}, IndexSource::k_position, 7}};
  const SizeClass size_class = size_class_of(batch);
  const BatchLayout layout(size_class, lookups.size());
  std::vector<std::int32_t> block(layout.size, -1);
  write_batch(batch, lookups, size_class, block);
  const DeviceBatch view(size_class, lookups.size(), block.data());
  EXPECT_THAT(std::vector<std::int32_t>(view.counts, view.counts + 3), ElementsAre(132, 2, 4));
  EXPECT_THAT(std::vector<std::int32_t>(view.offsets, view.offsets + 3), ElementsAre(0, 2, 132));
  EXPECT_THAT(std::vector<std::int32_t>(view.sequences, view.sequences + 3), ElementsAre(0, 0, 1));
  EXPECT_THAT(std::vector<std::int32_t>(view.tiles, view.tiles + 8),
              ElementsAre(0, 0, 1, 0, 1, 64, 1, 128));
  EXPECT_EQ(view.rows[5], packed.token_ids[5]);
  const std::int32_t* positions = view.rows + size_class.tokens;
  EXPECT_THAT(std::vector<std::int32_t>(positions, positions + 4), ElementsAre(7, 8, 7, 8));
}

TEST(DeviceBatch, CountsPaddedPositionsAsRobertaDoes) {
  const std::vector<std::int32_t> ids{0, 5, 1, 6, 9, 1, 1, 4};
  const std::vector<std::int32_t> types(ids.size(), 0);
  const std::vector<std::int32_t> offsets{0, 4, 8};
  const RaggedBatch batch{ids, types, offsets};
  const std::vector<Lookup> lookups{{{}, IndexSource::k_padded_position, 1}};
  const SizeClass size_class = size_class_of(batch);
  std::vector<std::int32_t> block(BatchLayout(size_class, 1).size);
  write_batch(batch, lookups, size_class, block);
  const std::int32_t* rows = DeviceBatch(size_class, 1, block.data()).rows;
  EXPECT_THAT(std::vector<std::int32_t>(rows, rows + 8), ElementsAre(2, 3, 1, 4, 2, 1, 1, 3));
}

TEST(DeviceBatch, IsCutAtWholeSequences) {
  const PackedBatch batch = batch_of({10, 10, 10, 100, 5});
  EXPECT_THAT(cut_into_passes(batch.view(), 25), ElementsAre(0, 2, 3, 4, 5));
  EXPECT_THAT(cut_into_passes(batch.view(), 1000), ElementsAre(0, 5));
}

}  // namespace
}  // namespace hasten::engine::cuda
