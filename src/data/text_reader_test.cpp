#include "data/text_reader.h"

#include <hasten/error.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <random>
#include <tuple>

#include "data/test_folder.h"
#include "data/test_rows.h"

namespace hasten::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

template <typename Function>
ErrorCode code_of(const Function& function) {
  try {
    function();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::k_internal;
}

TEST(Format, IsKnownByExtension) {
  EXPECT_EQ(format_of("a/b.txt"), Format::k_lines);
  EXPECT_EQ(format_of("b.JSONL"), Format::k_json_lines);
  EXPECT_EQ(format_of("b.ndjson.gz"), Format::k_json_lines);
  EXPECT_EQ(format_of("b.csv.zst"), Format::k_csv);
  EXPECT_EQ(format_of("b.c.tsv"), Format::k_tsv);
  EXPECT_EQ(format_of("part-0.snappy.parquet"), Format::k_parquet);
  for (const char* path : {"b", "b.gz", "b.json", ".csv", "b.csv.bz2"}) {
    EXPECT_EQ(code_of([&] { format_of(path); }), ErrorCode::k_usage) << path;
  }
}

TEST(Format, IsKnownByName) {
  EXPECT_EQ(parse_format("tsv"), Format::k_tsv);
  EXPECT_EQ(code_of([] { parse_format("xls"); }), ErrorCode::k_usage);
}

class OpenReaderFile : public FolderTest {};

TEST_F(OpenReaderFile, ReadsFiles) {
  const std::filesystem::path path = folder_ / "a.csv";
  std::ofstream(path) << "text\nhello\n";
  EXPECT_THAT(texts_of(read_all(*open_reader(path, Format::k_csv, {}))), ElementsAre("hello"));
}

TEST(OpenReader, SaysWhatCannotBeOpened) {
  EXPECT_EQ(code_of([] { open_reader("/nonexistent/a.txt", Format::k_lines, {}); }),
            ErrorCode::k_not_found);
  EXPECT_EQ(code_of([] { open_reader("/", Format::k_lines, {}); }), ErrorCode::k_not_found);
}

class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe(ends_.data()), 0); }
  ~Pipe() {
    close_writer();
    ::close(ends_[0]);
  }
  void write(std::string_view bytes) {
    ASSERT_EQ(::write(ends_[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  void close_writer() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }
  std::unique_ptr<RowReader> reader(Format format) {
    return open_reader(descriptor_source(ends_[0], "pipe"), "pipe", format, {});
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

// Would hang if rows that have arrived waited for those that have not.
TEST(OpenReader, GivesRowsThatHaveArrived) {
  for (const Format format : {Format::k_lines, Format::k_json_lines, Format::k_csv}) {
    Pipe pipe;
    if (format == Format::k_csv) pipe.write("text\n");
    const auto reader = pipe.reader(format);
    std::vector<TextRow> rows;
    pipe.write("\"one\"\n\"two\"\n\"thr");
    ASSERT_TRUE(reader->read(rows, 100));
    EXPECT_EQ(rows.size(), 2u);
    pipe.write("ee\"\n");
    ASSERT_TRUE(reader->read(rows, 100));
    EXPECT_EQ(rows.size(), 3u);
    pipe.write("\"last\"");
    pipe.close_writer();
    ASSERT_TRUE(reader->read(rows, 100));
    EXPECT_EQ(rows.size(), 4u);
    EXPECT_FALSE(reader->read(rows, 100));
    EXPECT_FALSE(reader->read(rows, 100));
    const std::string quote = format == Format::k_lines ? "\"" : "";
    EXPECT_THAT(texts_of(rows), ElementsAre(quote + "one" + quote, quote + "two" + quote,
                                            quote + "three" + quote, quote + "last" + quote));
  }
}

TEST(OpenReader, GivesAtMostWhatIsAskedFor) {
  const auto reader = reader_of("a\nb\nc\n", Format::k_lines);
  std::vector<TextRow> rows;
  EXPECT_TRUE(reader->read(rows, 2));
  EXPECT_EQ(rows.size(), 2u);
  EXPECT_TRUE(reader->read(rows, 2));
  EXPECT_EQ(rows.size(), 3u);
  EXPECT_FALSE(reader->read(rows, 2));
}

// A file is read on until there are as many rows as were asked for, whatever the size of a block.
TEST(OpenReader, FillsUpFromFiles) {
  ReaderOptions options;
  options.block_bytes = 1;
  const auto reader = reader_of("a\nb\nc\nd\n", Format::k_lines, options);
  std::vector<TextRow> rows;
  EXPECT_TRUE(reader->read(rows, 3));
  EXPECT_EQ(rows.size(), 3u);
}

std::string random_input(std::mt19937& random) {
  static const std::array<std::string, 22> k_pieces = {"\n",
                                                       "\r\n",
                                                       "\r",
                                                       "\"",
                                                       "\"\"",
                                                       ",",
                                                       "\t",
                                                       "a",
                                                       "text",
                                                       "\u00E9",
                                                       "\U0001F600",
                                                       "\xFF",
                                                       "\xE2\x82",
                                                       "{\"text\": \"x\"}\n",
                                                       "{\"text\":null}\n",
                                                       "\\ud83d",
                                                       "{",
                                                       "}",
                                                       " ",
                                                       "\u2028",
                                                       std::string("\0", 1),
                                                       "\xEF\xBB\xBF"};
  static const std::array<std::string, 4> k_starts = {"", "\xEF\xBB\xBF", "\xFF\xFE", "\xFE\xFF"};
  std::string input = k_starts[random() % k_starts.size()] + "id,text\tx\n";
  for (auto count = random() % 60; count > 0; --count)
    input += k_pieces[random() % k_pieces.size()];
  return input;
}

using RowParts = std::tuple<std::uint64_t, std::string, std::optional<std::string>, RowId,
                            RowStatus, std::string>;

std::vector<RowParts> parts_of(std::string_view input, Format format, std::size_t block_bytes) {
  ReaderOptions options;
  options.block_bytes = block_bytes;
  options.max_row_bytes = 40;
  std::vector<RowParts> parts;
  try {
    for (TextRow& row : rows_of(input, format, options)) {
      parts.emplace_back(row.number, row.text, row.text_pair, row.id, row.status, row.problem);
    }
  } catch (const Error& error) {
    parts.emplace_back(0, error.what(), std::nullopt, RowId(), RowStatus::k_malformed, "");
  }
  return parts;
}

TEST(OpenReader, ReadsTheSameRowsInBlocksOfAnySize) {
  std::mt19937 random(17);
  for (int round = 0; round < 3000; ++round) {
    const std::string input = random_input(random);
    for (const Format format :
         {Format::k_lines, Format::k_json_lines, Format::k_csv, Format::k_tsv}) {
      const auto expected = parts_of(input, format, input.size() + 1);
      for (const std::size_t block_bytes : {1u, 2u, 3u, 7u, 64u}) {
        ASSERT_EQ(parts_of(input, format, block_bytes), expected)
            << "format " << static_cast<int>(format) << ", blocks of " << block_bytes << ": "
            << testing::PrintToString(input);
      }
    }
  }
}

}  // namespace
}  // namespace hasten::data
