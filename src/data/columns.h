// Which columns of a table hold the texts and the ids.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/text_reader.h"

namespace hasten::data {

struct Columns {
  std::size_t text = 0;
  std::optional<std::size_t> text_pair;
  std::optional<std::size_t> id;
  std::vector<std::size_t> copied;
};

// Finds the columns that the options name, or the usual ones. `where` names the file. Throws
// k_bad_data listing the columns, with the nearest name, when one is missing, and when a wanted
// name is there twice.
Columns find_columns(std::span<const std::string> names, const ReaderOptions& options,
                     const std::string& where);

// The usual names of text and id columns, likeliest first, in lower case.
std::span<const std::string_view> usual_text_columns();
std::span<const std::string_view> usual_id_columns();

// The candidate that a misspelt name most likely means; empty when none is near.
std::string nearest_name(std::string_view name, std::span<const std::string> candidates);

}  // namespace hasten::data
