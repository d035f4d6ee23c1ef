#include "job/part_sink.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "job/digesting_file.h"

namespace hasten::job {
namespace {

// Rows that give nothing that anybody could use.
constexpr std::array<const char*, 4> k_bad_statuses = {"null", "malformed", "invalid_utf8",
                                                       "nonfinite"};

void append(pipeline::BlockScores& to, const pipeline::BlockScores& more) {
  const auto add = [](auto& values, const auto& added) {
    values.insert(values.end(), added.begin(), added.end());
  };
  add(to.scores, more.scores);
  add(to.labels, more.labels);
  add(to.token_counts, more.token_counts);
  add(to.flags, more.flags);
}

}  // namespace

PartSink::PartSink(const LabelPlan& plan, JobFolder* folder, std::filesystem::path output,
                   std::span<const PartState> parts)
    : plan_(plan),
      folder_(folder),
      output_(std::move(output)),
      parts_(parts),
      settings_(settings_hash(plan.job)) {}

PartSink::~PartSink() = default;

void PartSink::take(pipeline::Block& block) {
  const PartState& part = parts_[block.part];
  // The source may write the error while earlier blocks of the part are on their way here.
  const bool is_last = block.rows.empty();
  if (part.done || (is_last && part.error)) return end_part(part);
  if (!writer_) open_writer(part);
  if (is_last) return end_part(part);
  write_rows(block);
  if (part.row_count.value_or(0) > 0) {
    const double share = static_cast<double>(counts_.rows) / static_cast<double>(*part.row_count);
    report_.bytes_under_way =
        static_cast<std::uint64_t>(share * static_cast<double>(part.input->bytes));
  }
  if (block.is_scored) {
    rows_before_ += block.rows.size();
  } else if (folder_ != nullptr) {
    keep_for_checkpoint(block);
  }
}

void PartSink::open_writer(const PartState& part) {
  data::ScoreSchema schema;
  schema.has_ids = !part.id_column.empty();
  schema.id_column = part.id_column;
  schema.integer_ids = part.has_integer_ids;
  schema.id_type = part.id_type;
  for (std::size_t i = 0; i < plan_.kept_columns.size(); ++i) {
    schema.copied_columns.push_back(
        {plan_.kept_columns[i], part.kept_types.empty() ? "string" : part.kept_types[i]});
  }
  schema.score_columns = plan_.columns;
  schema.metadata = plan_.metadata;
  part_ = &part;
  counts_ = {};
  rows_before_ = 0;
  pending_ = {part.binding, 0, {}};
  if (folder_ == nullptr) {
    writer_ = data::open_score_writer(output_, plan_.output_format, schema);
    return;
  }
  schema.metadata["hasten.input_sha256"] = part.input_digest.sha256;
  file_ = std::make_shared<DigestingFile>(folder_->store().create(part.name));
  writer_ =
      data::open_score_writer(std::make_unique<SharedFile>(file_),
                              folder_->store().path_of(part.name), plan_.output_format, schema);
}

void PartSink::write_rows(pipeline::Block& block) {
  const pipeline::BlockScores& scores = block.scores;
  const std::size_t columns = plan_.columns.size();
  if (scores.row_count() != block.rows.size() ||
      scores.scores.size() != block.rows.size() * columns ||
      scores.labels.size() != block.rows.size() * plan_.models.size()) {
    fail(ErrorCode::k_internal, "a block with another number of scores than rows");
  }
  std::vector<data::ScoreRow> rows(block.rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint8_t flags = scores.flags[i];
    rows[i].id = std::move(block.rows[i].id);
    rows[i].status = block.rows[i].status;
    rows[i].copied = block.rows[i].copied;
    rows[i].truncated = (flags & pipeline::BlockScores::k_truncated) != 0;
    rows[i].nonfinite = (flags & pipeline::BlockScores::k_nonfinite) != 0;
    if ((flags & pipeline::BlockScores::k_scored) != 0) {
      rows[i].scores = std::span(scores.scores).subspan(i * columns, columns);
    }
    count_row(scores, i, data::status_text(rows[i]));
  }
  writer_->write(rows);
  check_bad_rows();
}

void PartSink::count_row(const pipeline::BlockScores& scores, std::size_t row, const char* status) {
  ++counts_.rows;
  counts_.tokens += scores.token_counts[row];
  ++counts_.by_status[status];
  const bool is_bad = std::any_of(k_bad_statuses.begin(), k_bad_statuses.end(),
                                  [&](std::string_view bad) { return bad == status; });
  if (is_bad) {
    ++bad_rows_;
    return;  // the greatest of scores that are not finite is no label
  }
  for (std::size_t i = 0; i < plan_.models.size(); ++i) {
    const std::int32_t label = scores.labels[row * plan_.models.size() + i];
    const JobModel& model = plan_.models[i];
    if (label >= 0 && static_cast<std::size_t>(label) < model.labels.size()) {
      ++counts_.by_label[model.name][model.labels[static_cast<std::size_t>(label)]];
    }
  }
}

void PartSink::check_bad_rows() const {
  if (!plan_.max_bad || bad_rows_ <= *plan_.max_bad) return;
  fail(ErrorCode::k_bad_data,
       fmt::format("{} rows have no usable text or score, and {} were allowed", bad_rows_,
                   *plan_.max_bad),
       part_->input->path, "the column, the encoding or the model may be the wrong one",
       "Look at the rows, or allow more with --max-bad.");
}

void PartSink::keep_for_checkpoint(const pipeline::Block& block) {
  if (pending_.scores.row_count() == 0) pending_.first_row = block.first_row;
  append(pending_.scores, block.scores);
  if (pending_.scores.row_count() >= plan_.checkpoint_rows) save_checkpoint();
}

void PartSink::save_checkpoint() {
  if (folder_ == nullptr || !writer_ || pending_.scores.row_count() == 0) return;
  folder_->save(part_->name, pending_);
  pending_.scores = {};
}

void PartSink::end_part(const PartState& part) {
  report_.bytes_under_way = 0;
  if (part.done) {
    report_.counts.add(part.done->counts);
    report_.rows_before += part.done->counts.rows;
    report_.bytes_before += part.input->bytes;
    ++report_.parts;
    report_.text_column = part.done->text_column;
    report_.id_column = part.done->id_column;
    return;
  }
  report_.bytes += part.input->bytes;
  if (part.error) {
    writer_.reset();
    file_.reset();
    report_.failures.emplace_back(part.input->path.string(), part.error);
    return;
  }
  commit(part);
  report_.counts.add(counts_);
  report_.rows_before += rows_before_;
  ++report_.parts;
  report_.text_column = part.text_column;
  report_.id_column = part.id_column;
}

void PartSink::commit(const PartState& part) {
  writer_->close();
  writer_.reset();
  if (folder_ == nullptr) return;
  const data::FileDigest digest = file_->digest();
  if (!file_->was_new() && folder_->digest_of_part(part.name) != digest) {
    fail(ErrorCode::k_output, "another file has the part's name, with other scores",
         folder_->store().path_of(part.name),
         "an earlier attempt read another input, or the file is of something else",
         "Move it away, and run the job again.");
  }
  file_.reset();
  folder_->record_part(
      {settings_, plan_.job.inputs[static_cast<std::size_t>(part.input - plan_.inputs.data())].name,
       part.input_digest, part.name, digest, part.text_column, part.id_column, counts_});
}

}  // namespace hasten::job
