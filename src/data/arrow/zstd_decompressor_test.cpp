#include <arrow/util/compression.h>
#include <hasten/error.h>

#include <fstream>

#include "data/arrow/test_tables.h"
#include "data/test_rows.h"

namespace hasten::data {
namespace {

using testing::ElementsAre;

std::string zstd(std::string_view text) {
  const auto codec = arrow::util::Codec::Create(arrow::Compression::ZSTD).ValueOrDie();
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto size = static_cast<std::int64_t>(text.size());
  std::string out(static_cast<std::size_t>(codec->MaxCompressedLen(size, bytes)), '\0');
  const std::int64_t count = codec
                                 ->Compress(size, bytes, static_cast<std::int64_t>(out.size()),
                                            reinterpret_cast<std::uint8_t*>(out.data()))
                                 .ValueOrDie();
  out.resize(static_cast<std::size_t>(count));
  return out;
}

TEST(ZstdDecompressor, UnpacksFramesInBlocksOfAnySize) {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += "line " + std::to_string(i * 7919 % 1000) + "\n";
  const std::string packed = zstd(text) + zstd("") + zstd("last");
  for (const std::size_t block_bytes : {5u, 10'000u, 10'000'000u}) {
    ReaderOptions options;
    options.block_bytes = block_bytes;
    const auto rows = rows_of(packed, Format::k_lines, options);
    ASSERT_EQ(rows.size(), 50'001u);
    EXPECT_EQ(rows[49'999].text, "line " + std::to_string(49'999 * 7919 % 1000));
    EXPECT_EQ(rows.back().text, "last");
  }
}

TEST(ZstdDecompressor, RefusesDamagedData) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += std::to_string(i * 7919) + "\n";
  const std::string packed = zstd(text);
  const auto code_of = [](const std::string& bytes) {
    try {
      rows_of(bytes, Format::k_lines);
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::k_internal;
  };
  for (std::size_t size = 4; size < packed.size(); size += packed.size() / 50) {
    EXPECT_EQ(code_of(packed.substr(0, size)), ErrorCode::k_bad_data) << size;
  }
  EXPECT_EQ(code_of(packed + "garbage"), ErrorCode::k_bad_data);
}

class ZstdFileTest : public FolderTest {};

TEST_F(ZstdFileTest, IsReadByItsName) {
  const auto path = folder_ / "a.csv.zst";
  std::ofstream(path, std::ios::binary) << zstd("id,text\n1,hello\n");
  EXPECT_THAT(texts_of(read_all(*open_reader(path, format_of(path), {}))), ElementsAre("hello"));
}

}  // namespace
}  // namespace hasten::data
