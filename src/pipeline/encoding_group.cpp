#include "pipeline/encoding_group.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "classifier/probabilities.h"
#include "classifier/window_votes.h"
#include "pipeline/batch_plan.h"

namespace hasten::pipeline {
namespace {

constexpr int k_no_label = -1;  // of scores that are not finite

}  // namespace

std::size_t EncodingGroup::value_count() const {
  std::size_t count = members.size();
  for (const GroupMember& member : members) count += member.model.classes.size();
  return count;
}

std::vector<EncodingGroup> group_models(std::span<const BulkModel> models) {
  std::vector<EncodingGroup> groups;
  std::map<std::string, std::size_t> group_of;
  std::size_t column = 0;
  for (std::size_t i = 0; i < models.size(); ++i) {
    const auto [found, is_new] =
        group_of.try_emplace(models[i].classifier->encoding_hash(), groups.size());
    if (is_new) groups.emplace_back();
    groups[found->second].members.push_back({models[i], i, column});
    column += models[i].classes.size();
  }
  return groups;
}

void GroupBlock::start(std::size_t row_count, bool hash_texts) {
  hash_texts_ = hash_texts;
  encoded_.resize(row_count);
  keys_.resize(row_count);
  origins_.assign(row_count, Origin::k_no_text);
  first_places_.resize(row_count);
  values_.resize(row_count * group_->value_count());
}

ScoreKey GroupBlock::key_of(const classifier::Sequences& sequences, Sha256& hash) const {
  hash.update(std::as_bytes(std::span(sequences.ids)));
  hash.update(std::as_bytes(std::span(sequences.type_ids)));
  hash.update(std::as_bytes(std::span(sequences.ends)));
  const Sha256Digest digest = hash.finish();
  ScoreKey key;
  std::memcpy(key.data(), digest.data(), sizeof key);
  return key;
}

void GroupBlock::encode(std::span<const data::TextRow> rows, std::size_t begin, std::size_t end,
                        GroupWorker& worker) {
  for (std::size_t row = begin; row < end; ++row) {
    if (!has_text(rows[row].status)) continue;
    std::optional<std::string_view> pair;
    if (rows[row].text_pair) pair = *rows[row].text_pair;
    group_->encoder().encode(rows[row].text, pair, worker.scratch, encoded_[row]);
    origins_[row] = Origin::k_computed;
    if (hash_texts_) keys_[row] = key_of(encoded_[row], worker.hash);
  }
}

std::span<float> GroupBlock::values_of(std::size_t row) {
  const std::size_t count = group_->value_count();
  return std::span(values_).subspan(row * count, count);
}

void GroupBlock::add_places(std::size_t row, std::vector<std::uint32_t>& counts) {
  const classifier::Sequences& sequences = encoded_[row];
  first_places_[row] = static_cast<std::uint32_t>(places_.size());
  for (std::size_t i = 0; i < sequences.count(); ++i) {
    places_.push_back({static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(i)});
    counts.push_back(static_cast<std::uint32_t>(sequences.ends[i] - sequences.begin_of(i)));
  }
  ++computed_texts_;
  computed_tokens_ += sequences.ids.size();
}

void GroupBlock::plan(DedupIndex& index, const BatchSizes& sizes) {
  std::vector<std::uint32_t> counts;
  for (std::size_t row = 0; row < encoded_.size(); ++row) {
    if (origins_[row] == Origin::k_no_text) continue;
    ++encoded_texts_;
    encoded_tokens_ += encoded_[row].ids.size();
    switch (index.ask(keys_[row], values_of(row))) {
      case DedupIndex::Answer::k_new:
        add_places(row, counts);
        break;
      case DedupIndex::Answer::k_awaited:
        origins_[row] = Origin::k_awaited;
        break;
      case DedupIndex::Answer::k_known:
        origins_[row] = Origin::k_known;
        break;
    }
  }
  batches_ = plan_batches(counts, sizes);
  for (const GroupMember& member : group_->members) {
    const auto classes = member.model.classifier->session().class_count();
    logits_.emplace_back(places_.size() * static_cast<std::size_t>(classes));
  }
}

void GroupBlock::compute(std::size_t member, std::size_t batch, GroupWorker& worker) {
  worker.batch.clear();
  for (const std::uint32_t index : batches_[batch]) {
    const auto [row, sequence] = places_[index];
    worker.batch.append(encoded_[row], sequence);
  }
  const engine::Session& session = group_->members[member].model.classifier->session();
  const auto classes = static_cast<std::size_t>(session.class_count());
  worker.logits.resize(batches_[batch].size() * classes);
  worker.streams.resize(group_->members.size());
  if (!worker.streams[member]) worker.streams[member] = session.make_stream({});
  worker.streams[member]->run(worker.batch.view(), worker.logits);
  for (std::size_t i = 0; i < batches_[batch].size(); ++i) {
    std::copy_n(
        worker.logits.begin() + static_cast<std::ptrdiff_t>(i * classes), classes,
        logits_[member].begin() + static_cast<std::ptrdiff_t>(batches_[batch][i] * classes));
  }
}

// From the logits of a row's sequences to its values.
void GroupBlock::interpret(std::size_t row) {
  const std::span<float> values = values_of(row);
  std::size_t next = 0;
  for (std::size_t i = 0; i < group_->members.size(); ++i) {
    const BulkModel& model = group_->members[i].model;
    const auto classes = static_cast<std::size_t>(model.classifier->session().class_count());
    const auto windows =
        std::span(logits_[i])
            .subspan(first_places_[row] * classes, encoded_[row].count() * classes);
    mean_.assign(windows.begin(), windows.begin() + static_cast<std::ptrdiff_t>(classes));
    const bool has_windows = windows.size() > classes;
    if (has_windows) classifier::mean_of_windows(windows, mean_);
    probabilities_.resize(classes);
    classifier::apply_function(model.classifier->function(), mean_, probabilities_);
    for (const std::uint32_t index : model.classes) values[next++] = probabilities_[index];
    int label = k_no_label;
    if (classifier::are_finite(mean_, probabilities_)) {
      label = model.classifier->choose_label(
          mean_, has_windows ? std::span<const float>(windows) : std::span<const float>());
    }
    values[values.size() - group_->members.size() + i] = static_cast<float>(label);
  }
}

void GroupBlock::finish(DedupIndex& index, BlockScores& scores) {
  for (std::size_t row = 0; row < encoded_.size(); ++row) {
    if (origins_[row] == Origin::k_no_text) continue;
    if (origins_[row] == Origin::k_computed) {
      interpret(row);
      index.fill(keys_[row], values_of(row));
    } else if (origins_[row] == Origin::k_awaited) {
      index.find(keys_[row], values_of(row));
    }
    write_row(row, scores);
  }
}

void GroupBlock::write_row(std::size_t row, BlockScores& scores) {
  const std::span<const float> values = values_of(row);
  const std::size_t columns = scores.scores.size() / scores.row_count();
  const std::size_t models = scores.labels.size() / scores.row_count();
  std::size_t next = 0;
  for (std::size_t i = 0; i < group_->members.size(); ++i) {
    const GroupMember& member = group_->members[i];
    const std::size_t count = member.model.classes.size();
    std::copy_n(
        values.begin() + static_cast<std::ptrdiff_t>(next), count,
        scores.scores.begin() + static_cast<std::ptrdiff_t>(row * columns + member.first_column));
    next += count;
    const float label = values[values.size() - group_->members.size() + i];
    scores.labels[row * models + member.index] = static_cast<std::int32_t>(label);
    if (label == k_no_label) scores.flags[row] |= BlockScores::k_nonfinite;
  }
  scores.flags[row] |= BlockScores::k_scored;
  if (encoded_[row].truncated) scores.flags[row] |= BlockScores::k_truncated;
  if (group_->members.front().index == 0) {
    scores.token_counts[row] = static_cast<std::uint32_t>(encoded_[row].ids.size());
  }
}

}  // namespace hasten::pipeline
