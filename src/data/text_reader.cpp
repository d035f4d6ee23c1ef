#include "data/text_reader.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/error.h"
#include "data/arrow_plugin.h"
#include "data/delimited_reader.h"
#include "data/delimiter_guess.h"
#include "data/json_lines_reader.h"
#include "data/lines_reader.h"
#include "data/unpacking_source.h"

namespace hasten::data {
namespace {

struct FormatName {
  std::string_view name;
  Format format;
};

constexpr std::array<FormatName, 6> k_formats = {{{"txt", Format::k_lines},
                                                  {"jsonl", Format::k_json_lines},
                                                  {"ndjson", Format::k_json_lines},
                                                  {"csv", Format::k_csv},
                                                  {"tsv", Format::k_tsv},
                                                  {"parquet", Format::k_parquet}}};

const FormatName* find_format(std::string_view name) {
  const auto found = std::find_if(k_formats.begin(), k_formats.end(),
                                  [&](const FormatName& format) { return format.name == name; });
  return found == k_formats.end() ? nullptr : &*found;
}

std::string lower_case_extension(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return extension.empty() ? extension : extension.substr(1);
}

}  // namespace

Format format_of(const std::filesystem::path& path) {
  std::string extension = lower_case_extension(path);
  if (extension == "gz" || extension == "zst") extension = lower_case_extension(path.stem());
  if (const FormatName* format = find_format(extension)) return format->format;
  fail(ErrorCode::k_usage, "the format of this file is not known from its extension", path, {},
       "Name it .txt, .jsonl, .ndjson, .csv, .tsv or .parquet (with .gz or .zst behind it where it "
       "is "
       "compressed), or say the format.");
}

const char* name_of(Format format) {
  const auto found = std::find_if(k_formats.begin(), k_formats.end(),
                                  [&](const FormatName& name) { return name.format == format; });
  return found->name.data();
}

Format parse_format(const std::string& name) {
  if (const FormatName* format = find_format(name)) return format->format;
  fail(ErrorCode::k_usage, "there is no input format \"" + name + "\"", {}, {},
       "The formats are txt, jsonl, csv, tsv and parquet.");
}

std::unique_ptr<RowReader> open_reader(std::unique_ptr<ByteSource> source, const std::string& name,
                                       Format format, const ReaderOptions& options) {
  if (format == Format::k_parquet) {
    fail(ErrorCode::k_usage, "Parquet cannot be read from a stream", name, {},
         "Give it as a file.");
  }
  TextInput input(unpacking_source(std::move(source), name), options.block_bytes);
  switch (format) {
    case Format::k_json_lines:
      return open_json_lines_reader(std::move(input), options);
    case Format::k_csv: {
      const char delimiter = guess_delimiter(input, options.quoting);
      return open_delimited_reader(std::move(input), name, delimiter, options);
    }
    case Format::k_tsv:
      return open_delimited_reader(std::move(input), name, '\t', options);
    default:
      if (!options.copied_columns.empty()) {
        fail(ErrorCode::k_bad_data,
             "plain text has no column \"" + options.copied_columns.front() + "\"", name);
      }
      return open_lines_reader(std::move(input), options);
  }
}

std::unique_ptr<RowReader> open_reader(const std::filesystem::path& path, Format format,
                                       const ReaderOptions& options) {
  if (format == Format::k_parquet && path != "-") {
    return arrow_plugin().open_parquet_reader(path, options);
  }
  return open_reader(open_byte_source(path), input_name(path), format, options);
}

}  // namespace hasten::data
