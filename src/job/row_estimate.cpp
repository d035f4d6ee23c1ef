#include "job/row_estimate.h"

#include <algorithm>
#include <cmath>

#include "data/byte_source.h"

namespace hasten::job {
namespace {

constexpr std::size_t k_rows_per_read = 1024;
constexpr std::uint64_t k_rows_looked_at = 20'000;  // of an input that does not say how many it has
constexpr std::size_t k_inputs_looked_at = 64;

// Counts what has been read of it.
class CountingSource : public data::ByteSource {
 public:
  CountingSource(std::unique_ptr<data::ByteSource> source, std::uint64_t& bytes)
      : source_(std::move(source)), bytes_(bytes) {}
  std::size_t read(std::span<char> bytes) override {
    const std::size_t count = source_->read(bytes);
    bytes_ += count;
    return count;
  }
  bool ready() override { return source_->ready(); }
  bool is_verbatim() const override { return source_->is_verbatim(); }

 private:
  std::unique_ptr<data::ByteSource> source_;
  std::uint64_t& bytes_;
};

RowEstimate rows_of_text(const LabelPlan& plan, const data::InputFile& input) {
  std::uint64_t bytes = 0, rows = 0;
  const auto reader =
      data::open_reader(std::make_unique<CountingSource>(data::open_byte_source(input.path), bytes),
                        data::input_name(input.path), input.format, plan.reader);
  bool more = true;
  while (more && rows < k_rows_looked_at) {
    std::vector<data::TextRow> some;
    more = reader->read(some, k_rows_per_read);
    rows += some.size();
  }
  if (!more || bytes == 0) return {rows, true};
  const double share = std::max(1.0, static_cast<double>(input.bytes) / static_cast<double>(bytes));
  return {static_cast<std::uint64_t>(std::llround(static_cast<double>(rows) * share)), false};
}

RowEstimate rows_of(const LabelPlan& plan, const data::InputFile& input) {
  RowEstimate estimate;
  if (input.format == data::Format::k_parquet) {
    const auto count = data::open_reader(input.path, input.format, plan.reader)->row_count();
    estimate = {count.value_or(0), count.has_value()};
  } else {
    estimate = rows_of_text(plan, input);
  }
  if (plan.limit > 0 && estimate.rows >= plan.limit) return {plan.limit, true};
  return estimate;
}

}  // namespace

RowEstimate estimate_rows(const LabelPlan& plan) {
  RowEstimate sum;
  std::uint64_t bytes = 0, all_bytes = 0;
  for (const std::size_t input : plan.shard) all_bytes += plan.inputs[input].bytes;
  const std::size_t count = std::min(plan.shard.size(), k_inputs_looked_at);
  for (std::size_t i = 0; i < count; ++i) {
    const data::InputFile& input = plan.inputs[plan.shard[i * plan.shard.size() / count]];
    const RowEstimate estimate = rows_of(plan, input);
    sum.rows += estimate.rows;
    sum.is_exact = sum.is_exact && estimate.is_exact;
    bytes += input.bytes;
  }
  if (count == plan.shard.size() || bytes == 0) return sum;
  const double share = static_cast<double>(all_bytes) / static_cast<double>(bytes);
  return {static_cast<std::uint64_t>(std::llround(static_cast<double>(sum.rows) * share)), false};
}

}  // namespace hasten::job
