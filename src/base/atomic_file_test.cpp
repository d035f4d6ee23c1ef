#include "base/atomic_file.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/mapped_file.h"

namespace hasten {
namespace {

class AtomicFileTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder_),
                                                  std::filesystem::directory_iterator()));
  }

  std::filesystem::path folder_;
};

TEST_F(AtomicFileTest, AppearsWholeAtCommit) {
  AtomicFile file(folder_ / "out");
  file.write("half");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out"));
  file.write(" and half");
  file.commit();
  EXPECT_EQ(read_file(folder_ / "out"), "half and half");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(AtomicFileTest, LeavesNothingWithoutCommit) {
  { AtomicFile(folder_ / "out").write("lost"); }
  EXPECT_EQ(entries(), 0u);
}

TEST_F(AtomicFileTest, ReplacesAFileThatIsMapped) {
  {
    AtomicFile first(folder_ / "out");
    first.write("old");
    first.commit();
  }
  const auto mapped = MappedFile::open(folder_ / "out");
  AtomicFile second(folder_ / "out");
  second.write("new");
  second.commit();
  EXPECT_EQ(static_cast<char>(mapped->bytes()[0]), 'o');
  EXPECT_EQ(read_file(folder_ / "out"), "new");
}

TEST_F(AtomicFileTest, CommitNewLeavesAFileThatIsThere) {
  AtomicFile first(folder_ / "out");
  first.write("first");
  AtomicFile second(folder_ / "out");
  second.write("second");
  EXPECT_TRUE(first.commit_new());
  EXPECT_FALSE(second.commit_new());
  EXPECT_EQ(read_file(folder_ / "out"), "first");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(AtomicFileTest, OtherWritersReachItThroughItsTemporaryPath) {
  AtomicFile file(folder_ / "out");
  std::FILE* other = std::fopen(file.temporary_path().c_str(), "wb");
  ASSERT_NE(other, nullptr);
  std::fputs("through", other);
  std::fclose(other);
  file.commit();
  EXPECT_EQ(read_file(folder_ / "out"), "through");
}

TEST_F(AtomicFileTest, AFolderThatIsNotThereIsAnOutputError) {
  try {
    AtomicFile file(folder_ / "absent" / "out");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::k_output);
    EXPECT_NE(std::string(error.what()).find("absent/out"), std::string::npos);
  }
}

TEST_F(AtomicFileTest, ALinkIsFollowedAndADeviceIsRefused) {
  std::filesystem::create_symlink(folder_ / "real", folder_ / "link");
  AtomicFile file(folder_ / "link");
  file.write("text");
  file.commit();
  EXPECT_TRUE(std::filesystem::is_symlink(folder_ / "link"));
  EXPECT_EQ(read_file(folder_ / "real"), "text");
  EXPECT_THROW(AtomicFile("/dev/null"), Error);
  EXPECT_THROW(AtomicFile{folder_}, Error);
}

}  // namespace
}  // namespace hasten
