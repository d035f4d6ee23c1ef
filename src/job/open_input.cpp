#include "job/open_input.h"

namespace hasten::job {

std::unique_ptr<data::RowReader> open_input(const LabelPlan& plan, const data::InputFile& input) {
  data::ReaderOptions options = plan.reader;
  options.copied_columns = plan.kept_columns;
  for (const data::RowFilter& filter : plan.filters) {
    options.copied_columns.push_back(filter.column);
  }
  auto reader = data::open_reader(input.path, input.format, options);
  if (plan.filters.empty()) return reader;
  return data::filter_rows(std::move(reader), plan.filters);
}

}  // namespace hasten::job
