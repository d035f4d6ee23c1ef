#include "job/part_source.h"

#include <algorithm>

#include "base/error.h"
#include "job/open_input.h"

namespace hasten::job {
namespace {

constexpr std::size_t k_block_rows = 2048;
constexpr std::size_t k_block_bytes = std::size_t{4} << 20;  // of text
constexpr std::size_t k_rows_per_read = 256;

// Copies scores of rows [begin, begin + count) of one into another that is empty.
pipeline::BlockScores slice(const pipeline::BlockScores& scores, std::size_t begin,
                            std::size_t count) {
  const std::size_t columns = scores.scores.size() / scores.row_count();
  const std::size_t models = scores.labels.size() / scores.row_count();
  const auto cut = [&](const auto& values, std::size_t width) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(begin * width);
    return std::decay_t<decltype(values)>(first,
                                          first + static_cast<std::ptrdiff_t>(count * width));
  };
  return {cut(scores.scores, columns), cut(scores.labels, models), cut(scores.token_counts, 1),
          cut(scores.flags, 1)};
}

// Failures of one input, after which the others can go on.
bool concerns_one_input(const Error& error) {
  return error.code() == ErrorCode::k_bad_data || error.code() == ErrorCode::k_not_found ||
         error.code() == ErrorCode::k_malformed;
}

}  // namespace

PartSource::PartSource(const LabelPlan& plan, JobFolder* folder, std::span<PartState> parts)
    : plan_(plan), folder_(folder), parts_(parts), settings_(settings_hash(plan.job)) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t input = plan.shard[i];
    parts[i].input = &plan.inputs[input];
    parts[i].name = plan.job.inputs[input].part;
  }
}

bool PartSource::next(pipeline::Block& block) {
  if (current_ == parts_.size()) return false;
  block.part = current_;
  try {
    if (!is_open_) open_part();
    if (parts_[current_].done) {
      end_part(block, nullptr);
      return true;
    }
    read_rows(block);
    if (block.rows.empty()) {
      if (!is_stamp_same(parts_[current_])) {
        fail(ErrorCode::k_bad_data, "the input was changed while it was read",
             parts_[current_].input->path);
      }
      end_part(block, nullptr);
    }
  } catch (const Error& error) {
    if (folder_ == nullptr || !concerns_one_input(error)) throw;
    end_part(block, std::current_exception());
  }
  return true;
}

void PartSource::end_part(pipeline::Block& block, std::exception_ptr error) {
  block.rows.clear();
  parts_[current_].error = std::move(error);
  reader_.reset();
  checkpoint_.reset();
  is_open_ = false;
  ++current_;
}

void PartSource::open_part() {
  PartState& part = parts_[current_];
  is_open_ = true;
  next_row_ = 0;
  at_end_ = false;
  if (folder_ != nullptr) {
    stamp_ = data::stamp_of(part.input->path);
    const auto source = data::open_byte_source(part.input->path);
    part.input_digest = data::digest_of(*source);
    if (is_done(part)) return;
    Sha256 binding;
    binding.update(settings_);
    binding.update(part.input_digest.sha256);
    part.binding = hex_of(binding.finish());
  }
  reader_ = open_input(plan_, *part.input);
  part.text_column = reader_->text_column();
  part.id_column = reader_->id_column();
  part.has_integer_ids = reader_->has_integer_ids();
  part.id_type = reader_->id_type();
  part.kept_types = reader_->copied_types();
  part.row_count = reader_->row_count();
}

// Whether an earlier run made the part. What it was made of must be the same still.
bool PartSource::is_done(PartState& part) {
  auto record = folder_->read_part(part.name);
  if (!record) return false;
  const std::string path = part.input->path;
  if (record->settings != settings_) {
    fail(ErrorCode::k_usage, "its part was made with other settings", path, {},
         "Name another output folder.");
  }
  if (record->input_digest != part.input_digest) {
    fail(ErrorCode::k_bad_data, "the input has changed since its part was made", path,
         "its SHA-256 was " + record->input_digest.sha256.substr(0, 12) + "... and is " +
             part.input_digest.sha256.substr(0, 12) + "...",
         "Put the input back as it was, or label it into a new folder.");
  }
  const auto digest = folder_->digest_of_part(part.name);
  if (!digest) {
    folder_->forget_part(part.name);
    return false;
  }
  if (*digest != record->part_digest) {
    fail(ErrorCode::k_output, "the part was changed after it was written",
         folder_->store().path_of(part.name), {}, "Remove it, and run the job again.");
  }
  part.done = std::move(record);
  return true;
}

bool PartSource::is_stamp_same(const PartState& part) const {
  return folder_ == nullptr ||
         (stamp_.bytes == part.input_digest.bytes && data::stamp_of(part.input->path) == stamp_);
}

// How many rows the block may have so that it lies within one checkpoint or outside all.
std::size_t PartSource::rows_wanted() {
  if (checkpoint_ && checkpoint_->end_row() == next_row_) checkpoint_.reset();
  if (folder_ != nullptr && !checkpoint_) {
    const PartState& part = parts_[current_];
    checkpoint_ = folder_->load(part.name, next_row_, part.binding);
  }
  std::uint64_t wanted = k_block_rows;
  if (checkpoint_) wanted = std::min(wanted, checkpoint_->end_row() - next_row_);
  if (plan_.limit > 0) wanted = std::min(wanted, plan_.limit - next_row_);
  return wanted;
}

void PartSource::read_rows(pipeline::Block& block) {
  const std::size_t wanted = at_end_ ? 0 : rows_wanted();
  std::size_t bytes = 0;
  block.first_row = next_row_;
  while (block.rows.size() < wanted && bytes < k_block_bytes) {
    const std::size_t before = block.rows.size();
    const std::size_t at_most = std::min(k_rows_per_read, wanted - before);
    at_end_ = !reader_->read(block.rows, at_most);
    for (std::size_t i = before; i < block.rows.size(); ++i) bytes += block.rows[i].text.size();
    if (at_end_) break;
  }
  next_row_ += block.rows.size();
  if (checkpoint_ && !block.rows.empty()) take_checkpointed(block);
}

void PartSource::take_checkpointed(pipeline::Block& block) {
  const std::size_t begin = block.first_row - checkpoint_->first_row;
  if (begin + block.rows.size() > checkpoint_->scores.row_count()) {
    fail(ErrorCode::k_internal, "a block reaches beyond its checkpoint");
  }
  block.scores = slice(checkpoint_->scores, begin, block.rows.size());
  block.is_scored = true;
}

}  // namespace hasten::job
