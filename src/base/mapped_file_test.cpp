#include "base/mapped_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "base/error.h"

namespace hasten {
namespace {

class MappedFileTest : public testing::Test {
 protected:
  MappedFileTest()
      : path_(std::filesystem::temp_directory_path() /
              ("mapped_file_test_" + std::to_string(::getpid()))) {
    std::ofstream(path_, std::ios::binary) << content_;
  }
  ~MappedFileTest() override { std::filesystem::remove(path_); }

  std::string content_ = std::string(300'000, 'x') + "end";
  std::filesystem::path path_;
};

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST_F(MappedFileTest, HoldsTheBytesOfTheFile) {
  EXPECT_EQ(text_of(MappedFile::open(path_)->bytes()), content_);
  EXPECT_EQ(read_file(path_), content_);
}

TEST_F(MappedFileTest, ReleasedPagesAreReadAgain) {
  const auto file = MappedFile::open(path_);
  const std::shared_ptr<const void> owner = file;
  release_pages(file->bytes().subspan(5), owner);
  EXPECT_EQ(text_of(file->bytes()), content_);
}

TEST(ReleasePages, LeavesOtherMemoryAlone) {
  const auto values = std::make_shared<const std::vector<std::byte>>(1'000'000, std::byte{7});
  release_pages(*values, values);
  for (const std::byte value : *values) ASSERT_EQ(value, std::byte{7});
}

TEST(MappedFile, RefusesWhatIsNoFile) {
  EXPECT_THROW(MappedFile::open("/nowhere/at/all"), Error);
  EXPECT_THROW(MappedFile::open("/"), Error);
}

}  // namespace
}  // namespace hasten
