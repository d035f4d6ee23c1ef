#include <arrow/array/builder_dict.h>
#include <arrow/array/builder_nested.h>
#include <hasten/error.h>

#include <fstream>
#include <random>

#include "base/mapped_file.h"
#include "data/arrow/test_tables.h"
#include "data/test_rows.h"

namespace hasten::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using enum RowStatus;
namespace fs = std::filesystem;
using Texts = std::vector<std::optional<std::string>>;
using Integers = std::vector<std::optional<std::int64_t>>;

class ParquetReaderTest : public FolderTest {
 protected:
  void write(const std::vector<std::string>& names, const arrow::ArrayVector& columns,
             std::int64_t row_group_rows = 1'000'000) {
    write_parquet(path(), *table_of(names, columns), row_group_rows);
  }
  fs::path path() const { return folder_ / "table.parquet"; }
  std::unique_ptr<RowReader> reader(const ReaderOptions& options = {}) const {
    return open_reader(path(), Format::k_parquet, options);
  }
  std::vector<TextRow> rows(const ReaderOptions& options = {}) const {
    return read_all(*reader(options));
  }
  std::string error_of(const ReaderOptions& options = {}) const {
    try {
      rows(options);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::k_bad_data);
      return error.what();
    }
    return "no error";
  }
};

std::shared_ptr<arrow::Array> texts_array(const Texts& texts) {
  return array_of<arrow::StringBuilder>(texts);
}

TEST_F(ParquetReaderTest, ReadsTextsPairsAndIds) {
  write({"tweet_id", "noise", "text", "text_pair"},
        {array_of<arrow::Int64Builder>(Integers{1, -2, std::nullopt, 4, 5}),
         array_of<arrow::DoubleBuilder>(std::vector<std::optional<double>>(5, 1.5)),
         texts_array({"one", std::nullopt, "", "bad \xFF", "\u2003"}),
         texts_array({"p", std::nullopt, "q", std::nullopt, ""})});
  ReaderOptions options;
  options.usual_id_column = true;
  const auto opened = reader(options);
  EXPECT_EQ(opened->text_column(), "text");
  EXPECT_EQ(opened->id_column(), "tweet_id");
  EXPECT_TRUE(opened->has_integer_ids());
  const auto found = read_all(*opened, 2);
  EXPECT_THAT(texts_of(found), ElementsAre("one", "", "", "bad \uFFFD", "\u2003"));
  EXPECT_THAT(statuses_of(found), ElementsAre(k_ok, k_null, k_empty, k_invalid_utf8, k_empty));
  EXPECT_EQ(found[0].text_pair, "p");
  EXPECT_EQ(found[3].text_pair, std::nullopt);
  EXPECT_EQ(found[1].id, RowId(std::int64_t{-2}));
  EXPECT_EQ(found[2].id, RowId());
  EXPECT_EQ(found[1].problem, "row 2: the text is null");
  EXPECT_EQ(found[4].number, 5u);
}

TEST_F(ParquetReaderTest, ReadsEveryStringType) {
  const Texts texts = {"one", std::nullopt, "three", "one"};
  const std::vector<std::shared_ptr<arrow::Array>> arrays = {
      array_of<arrow::StringBuilder>(texts),     array_of<arrow::LargeStringBuilder>(texts),
      array_of<arrow::BinaryBuilder>(texts),     array_of<arrow::LargeBinaryBuilder>(texts),
      array_of<arrow::StringViewBuilder>(texts), array_of<arrow::StringDictionaryBuilder>(texts)};
  for (const auto& array : arrays) {
    write({"text", "id"}, {array, array});
    ReaderOptions options;
    options.id_column = "id";
    const auto opened = reader(options);
    EXPECT_FALSE(opened->has_integer_ids());
    const auto found = read_all(*opened);
    EXPECT_THAT(texts_of(found), ElementsAre("one", "", "three", "one"))
        << array->type()->ToString();
    EXPECT_EQ(found[1].status, k_null);
    EXPECT_EQ(found[1].id, RowId());
    EXPECT_EQ(found[2].id, RowId("three"));
  }
}

// Writers that see nothing but nulls give the column a type of its own.
TEST_F(ParquetReaderTest, ReadsColumnsOfNothingButNulls) {
  const auto nulls = std::make_shared<arrow::NullArray>(3);
  write({"text", "id", "kept"}, {nulls, nulls, nulls});
  ReaderOptions options;
  options.usual_id_column = true;
  options.copied_columns = {"kept"};
  const auto opened = reader(options);
  EXPECT_EQ(opened->id_column(), "id");
  EXPECT_FALSE(opened->has_integer_ids());
  EXPECT_THAT(opened->copied_types(), ElementsAre("string"));
  const auto found = read_all(*opened);
  EXPECT_THAT(statuses_of(found), ElementsAre(k_null, k_null, k_null));
  EXPECT_EQ(found[2].id, RowId());
  EXPECT_EQ(found[2].copied[0], Cell());
  EXPECT_EQ(found[2].problem, "row 3: the text is null");
}

TEST_F(ParquetReaderTest, ReadsEveryIntegerType) {
  using Bytes = std::vector<std::optional<std::int8_t>>;
  using Unsigned = std::vector<std::optional<std::uint64_t>>;
  write(
      {"text", "a", "b", "c"},
      {texts_array({"x", "y"}), array_of<arrow::Int8Builder>(Bytes{-7, std::nullopt}),
       array_of<arrow::UInt64Builder>(Unsigned{3, ~std::uint64_t{0}}),
       array_of<arrow::UInt32Builder>(std::vector<std::optional<std::uint32_t>>{4, 4294967295u})});
  const auto ids = [&](const char* column) {
    ReaderOptions options;
    options.id_column = column;
    const auto found = rows(options);
    return std::pair(found[0].id, found[1].id);
  };
  EXPECT_EQ(ids("a"), std::pair(RowId(std::int64_t{-7}), RowId()));
  EXPECT_EQ(ids("b"), std::pair(RowId(std::int64_t{3}), RowId("18446744073709551615")));
  EXPECT_EQ(ids("c"), std::pair(RowId(std::int64_t{4}), RowId(std::int64_t{4294967295})));
  ReaderOptions options;
  options.id_column = "b";
  EXPECT_FALSE(reader(options)->has_integer_ids());
}

TEST_F(ParquetReaderTest, ReadsColumnsInAnyOrderAndTwice) {
  write({"b", "a"}, {texts_array({"b1"}), texts_array({"a1"})});
  ReaderOptions options;
  options.text_column = "a";
  options.pair_column = "b";
  options.id_column = "a";
  const auto found = rows(options);
  EXPECT_EQ(found[0].text, "a1");
  EXPECT_EQ(found[0].text_pair, "b1");
  EXPECT_EQ(found[0].id, RowId("a1"));
}

TEST_F(ParquetReaderTest, ReadsManyRowGroupsInOrder) {
  Texts texts;
  Integers ids;
  for (int i = 0; i < 10'000; ++i) {
    texts.push_back("text " + std::to_string(i));
    ids.push_back(i);
  }
  write({"text", "id"}, {texts_array(texts), array_of<arrow::Int64Builder>(ids)}, 777);
  ReaderOptions options;
  options.id_column = "id";
  const auto opened = reader(options);
  std::vector<TextRow> found;
  EXPECT_TRUE(opened->read(found, 5000));
  EXPECT_EQ(found.size(), 5000u);
  while (opened->read(found, 5000)) {
  }
  ASSERT_EQ(found.size(), texts.size());
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_EQ(found[i].text, *texts[i]);
    ASSERT_EQ(found[i].id, RowId(std::int64_t{i}));
    ASSERT_EQ(found[i].number, static_cast<std::uint64_t>(i + 1));
  }
}

TEST_F(ParquetReaderTest, ReadsATableWithoutRows) {
  write({"text"}, {texts_array({})});
  EXPECT_TRUE(rows().empty());
}

TEST_F(ParquetReaderTest, SaysWhichColumnsCannotBeUsed) {
  arrow::ListBuilder lists(arrow::default_memory_pool(), std::make_shared<arrow::StringBuilder>());
  ASSERT_TRUE(lists.AppendNull().ok());
  write({"n", "list", "s"}, {array_of<arrow::Int64Builder>(Integers{1}),
                             lists.Finish().ValueOrDie(), texts_array({"x"})});
  ReaderOptions options;
  EXPECT_THAT(error_of(options), HasSubstr("the columns are \"n\", \"list\", \"s\""));
  options.text_column = "n";
  EXPECT_THAT(error_of(options), HasSubstr("the column \"n\" is of type int64, not string"));
  options.text_column = "list";
  EXPECT_THAT(error_of(options), HasSubstr("the column \"list\" is of type list"));
  options.text_column = "s";
  options.id_column = "list";
  EXPECT_THAT(error_of(options), HasSubstr("not string or integer"));
  options.id_column = "n";
  EXPECT_EQ(error_of(options), "no error");
}

TEST_F(ParquetReaderTest, GuessesNoIdsThatCannotBeIds) {
  write({"id", "text"}, {array_of<arrow::DoubleBuilder>(std::vector<std::optional<double>>{1.5}),
                         texts_array({"x"})});
  ReaderOptions options;
  options.usual_id_column = true;
  const auto opened = reader(options);
  EXPECT_EQ(opened->id_column(), "");
  std::vector<TextRow> found;
  EXPECT_TRUE(opened->read(found, 1));
  options.id_column = "id";
  EXPECT_THAT(error_of(options), HasSubstr("of type double, not string or integer"));
}

TEST_F(ParquetReaderTest, SaysWhatCannotBeOpened) {
  const auto code_of = [](const fs::path& path) {
    try {
      open_reader(path, Format::k_parquet, {});
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::k_internal;
  };
  EXPECT_EQ(code_of(folder_ / "missing.parquet"), ErrorCode::k_not_found);
  EXPECT_EQ(code_of(folder_), ErrorCode::k_not_found);
  EXPECT_EQ(code_of("/dev/null"), ErrorCode::k_not_found);
  EXPECT_EQ(code_of("-"), ErrorCode::k_usage);
  std::ofstream(path()) << "id,text\n1,a\n";
  EXPECT_EQ(code_of(path()), ErrorCode::k_bad_data);
}

// Whatever is done to a file, reading it ends with rows or with a typed error.
TEST_F(ParquetReaderTest, SurvivesDamagedFiles) {
  Texts texts;
  for (int i = 0; i < 500; ++i) texts.push_back("text " + std::to_string(i * i));
  write({"text", "id"}, {texts_array(texts), array_of<arrow::StringDictionaryBuilder>(texts)}, 100);
  const std::string bytes = read_file(path());
  const auto try_bytes = [&](std::string_view damaged) {
    std::ofstream(path(), std::ios::binary) << damaged;
    ReaderOptions options;
    options.id_column = "id";
    try {
      return rows(options).size() <= 10 * texts.size();
    } catch (const Error& error) {
      return error.code() == ErrorCode::k_bad_data || error.code() == ErrorCode::k_out_of_memory;
    }
  };
  for (std::size_t size = 0; size < bytes.size(); size += 97) {
    EXPECT_TRUE(try_bytes(std::string_view(bytes).substr(0, size))) << size;
  }
  std::mt19937 random(3);
  for (int round = 0; round < 400; ++round) {
    std::string damaged = bytes;
    for (int flips = 1 + static_cast<int>(random() % 3); flips > 0; --flips) {
      damaged[random() % damaged.size()] ^= static_cast<char>(1 << random() % 8);
    }
    EXPECT_TRUE(try_bytes(damaged)) << round;
  }
}

}  // namespace
}  // namespace hasten::data
