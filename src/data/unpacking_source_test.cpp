#include "data/unpacking_source.h"

#include <hasten/error.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <random>

#include "data/test_rows.h"

namespace hasten::data {
namespace {

using testing::HasSubstr;

std::string gzip(std::string_view text, int flush = Z_FINISH) {
  z_stream stream{};
  EXPECT_EQ(::deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(::deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ::deflate(&stream, flush);
  out.resize(out.size() - stream.avail_out);
  ::deflateEnd(&stream);
  return out;
}

std::string unpacked(std::string_view bytes, std::size_t block_bytes) {
  const auto source =
      unpacking_source(std::make_unique<MemorySource>(std::string(bytes)), "memory");
  std::string out;
  std::vector<char> block(block_bytes);
  while (const std::size_t count = source->read(block)) out.append(block.data(), count);
  EXPECT_EQ(source->read(block), 0u);
  return out;
}

std::string error_of(std::string_view bytes) {
  try {
    unpacked(bytes, 1000);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::k_bad_data);
    return error.what();
  }
  return "no error";
}

std::string some_text(std::size_t size) {
  std::mt19937 random(5);
  std::string text;
  while (text.size() < size)
    text += std::string(random() % 30, static_cast<char>('a' + random() % 26));
  return text;
}

TEST(UnpackingSource, PassesOtherBytesOn) {
  for (const char* bytes : {"", "\x1F", "\x1Fx", "(", "(\xB5/", "text"}) {
    EXPECT_EQ(unpacked(bytes, 1), bytes);
    EXPECT_EQ(unpacked(bytes, 100), bytes);
  }
}

TEST(UnpackingSource, UnpacksGzip) {
  const std::string text = some_text(500'000);
  const std::string packed = gzip(text);
  for (const std::size_t block_bytes : {7u, 4096u, 1'000'000u})
    EXPECT_EQ(unpacked(packed, block_bytes), text);
  EXPECT_EQ(unpacked(gzip(""), 10), "");
}

TEST(UnpackingSource, UnpacksSeveralMembers) {
  EXPECT_EQ(unpacked(gzip("one ") + gzip("") + gzip("two"), 3), "one two");
}

TEST(UnpackingSource, RefusesDamagedData) {
  const std::string packed = gzip(some_text(100'000));
  for (std::size_t size = 2; size < packed.size(); size += packed.size() / 50) {
    EXPECT_THAT(error_of(packed.substr(0, size)), HasSubstr("end too early")) << size;
  }
  std::string flipped = packed;
  flipped[flipped.size() - 6] ^= 1;  // of the checksum
  EXPECT_THAT(error_of(flipped), HasSubstr("the gzip data are damaged"));
  EXPECT_THAT(error_of(packed + "garbage"), HasSubstr("the gzip data are damaged"));
}

TEST(UnpackingSource, DoesNotNameBytesOfTheUnpackedText) {
  const auto rows = rows_of(gzip("a\n\n"), Format::k_lines);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[1].problem, "line 2: the text is blank");
}

// Would hang if rows that can be unpacked waited for more.
TEST(UnpackingSource, GivesRowsThatHaveArrived) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const std::string packed = gzip("one\ntwo\n", Z_SYNC_FLUSH);
  ASSERT_EQ(::write(ends[1], packed.data(), packed.size()), static_cast<ssize_t>(packed.size()));
  const auto reader = open_reader(descriptor_source(ends[0], "pipe"), "pipe", Format::k_lines, {});
  std::vector<TextRow> rows;
  EXPECT_TRUE(reader->read(rows, 100));
  EXPECT_EQ(rows.size(), 2u);
  ::close(ends[1]);
  ::close(ends[0]);
}

}  // namespace
}  // namespace hasten::data
