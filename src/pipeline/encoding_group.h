// EncodingGroup: the models that see a text as the same token ids, and one block's way through
// them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/sha256.h"
#include "classifier/text_classifier.h"
#include "pipeline/batch_plan.h"
#include "pipeline/block.h"
#include "pipeline/dedup_index.h"
#include "pipeline/token_batch.h"

namespace hasten::pipeline {

// A model of a bulk run, and the classes whose probabilities are wanted, a column for each.
struct BulkModel {
  const classifier::TextClassifier* classifier = nullptr;
  std::vector<std::uint32_t> classes;
};

// One model's place among all.
struct GroupMember {
  BulkModel model;
  std::size_t index = 0;         // of the model
  std::size_t first_column = 0;  // of its columns
};

struct EncodingGroup {
  std::vector<GroupMember> members;
  // Floats that are kept of a text: the columns of all members, then a label for each.
  std::size_t value_count() const;
  const classifier::TextClassifier& encoder() const { return *members.front().model.classifier; }
};

// Puts models whose encoding_hash() is the same together, in the order of their first ones.
std::vector<EncodingGroup> group_models(std::span<const BulkModel> models);

// What one thread works with.
struct GroupWorker {
  classifier::EncodeScratch scratch;
  std::vector<std::unique_ptr<engine::Stream>> streams;  // of each member, made when first used
  TokenBatch batch;
  std::vector<float> logits;
  Sha256 hash;
};

// A block's rows in one group: encoded, planned, computed, finished, in this order. Parts of
// encoding may run on several threads at once, and so may batches; the rest is for one thread.
class GroupBlock {
 public:
  explicit GroupBlock(const EncodingGroup& group) : group_(&group) {}

  void start(std::size_t row_count, bool hash_texts);
  void encode(std::span<const data::TextRow> rows, std::size_t begin, std::size_t end,
              GroupWorker& worker);
  // Decides what is computed, asking the index for each text in order.
  void plan(DedupIndex& index, const BatchSizes& sizes);
  std::size_t batch_count() const { return batches_.size(); }
  void compute(std::size_t member, std::size_t batch, GroupWorker& worker);
  // Tells the index what was computed and writes the scores of all rows.
  void finish(DedupIndex& index, BlockScores& scores);

  std::size_t encoded_texts() const { return encoded_texts_; }
  std::size_t encoded_tokens() const { return encoded_tokens_; }
  std::size_t computed_texts() const { return computed_texts_; }
  std::size_t computed_tokens() const { return computed_tokens_; }

 private:
  enum class Origin : std::uint8_t { k_no_text, k_computed, k_known, k_awaited };
  // One sequence of one row, and where its logits go.
  struct Place {
    std::uint32_t row = 0;
    std::uint32_t sequence = 0;
  };

  ScoreKey key_of(const classifier::Sequences& sequences, Sha256& hash) const;
  std::span<float> values_of(std::size_t row);
  void add_places(std::size_t row, std::vector<std::uint32_t>& counts);
  void interpret(std::size_t row);
  void write_row(std::size_t row, BlockScores& scores);

  const EncodingGroup* group_;
  bool hash_texts_ = false;
  std::vector<classifier::Sequences> encoded_;
  std::vector<ScoreKey> keys_;
  std::vector<Origin> origins_;
  std::vector<std::uint32_t> first_places_;  // of each computed row
  std::vector<Place> places_;
  std::vector<std::vector<std::uint32_t>> batches_;
  std::vector<std::vector<float>> logits_;  // of each member: places x classes
  std::vector<float> values_;               // rows x value_count
  std::vector<float> mean_;
  std::vector<float> probabilities_;
  std::size_t encoded_texts_ = 0;
  std::size_t encoded_tokens_ = 0;
  std::size_t computed_texts_ = 0;
  std::size_t computed_tokens_ = 0;
};

}  // namespace hasten::pipeline
