#include "data/input_files.h"

#include <gmock/gmock.h>
#include <hasten/error.h>

#include <fstream>

#include "data/test_folder.h"

namespace hasten::data {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class InputFilesTest : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    for (const char* name :
         {"b.csv", "a.txt.gz", "sub/part-10.snappy.parquet", "sub/part-9.parquet",
          "sub/deep/x.JSONL", "_SUCCESS", "sub/.hidden.csv", "_temporary/t.csv", "README.md"}) {
      fs::create_directories((folder_ / name).parent_path());
      std::ofstream(folder_ / name) << name;
    }
  }

  std::string at(const std::string& name) const { return (folder_ / name).string(); }

  static std::vector<std::string> names(const std::vector<std::string>& inputs) {
    std::vector<std::string> found;
    for (const InputFile& file : find_input_files(inputs).files) found.push_back(file.name);
    return found;
  }

  static std::pair<ErrorCode, std::string> error_of(const std::vector<std::string>& inputs) {
    try {
      find_input_files(inputs);
    } catch (const Error& error) {
      return {error.code(), error.what()};
    }
    return {ErrorCode::k_internal, "no error"};
  }
};

TEST_F(InputFilesTest, FindsFilesInFolders) {
  const InputFiles found = find_input_files(std::vector{folder_.string()});
  std::vector<std::string> stems;
  for (const InputFile& file : found.files) stems.push_back(file.stem);
  EXPECT_THAT(stems, ElementsAre("a", "b", "sub/deep/x", "sub/part-10.snappy", "sub/part-9"));
  EXPECT_EQ(found.files[0].format, Format::k_lines);
  EXPECT_EQ(found.files[2].format, Format::k_json_lines);
  EXPECT_EQ(found.files[3].name, "sub/part-10.snappy.parquet");
  EXPECT_EQ(found.files[1].bytes, 5u);
  EXPECT_THAT(found.skipped, ElementsAre(folder_ / "README.md"));
}

TEST_F(InputFilesTest, NamesFilesBelowTheFolderGiven) {
  EXPECT_THAT(names({at("sub")}),
              ElementsAre("deep/x.JSONL", "part-10.snappy.parquet", "part-9.parquet"));
  EXPECT_THAT(names({at("sub") + "/"}),
              ElementsAre("deep/x.JSONL", "part-10.snappy.parquet", "part-9.parquet"));
}

TEST_F(InputFilesTest, ExpandsPatterns) {
  EXPECT_THAT(names({at("sub/part-*.parquet")}),
              ElementsAre("part-10.snappy.parquet", "part-9.parquet"));
  EXPECT_THAT(names({at("sub/part-[0-9].parquet")}), ElementsAre("part-9.parquet"));
  EXPECT_THAT(names({at("s?b")}),
              ElementsAre("deep/x.JSONL", "part-10.snappy.parquet", "part-9.parquet"));
  EXPECT_THAT(names({at("*")}), ElementsAre("a.txt.gz", "b.csv", "deep/x.JSONL",
                                            "part-10.snappy.parquet", "part-9.parquet"));
}

TEST_F(InputFilesTest, TakesWhatExistsByItsVeryName) {
  std::ofstream(at("odd[1].csv")) << "x";
  std::ofstream(at("_named.csv")) << "x";
  EXPECT_THAT(names({at("odd[1].csv"), at("_named.csv")}), ElementsAre("_named.csv", "odd[1].csv"));
}

TEST_F(InputFilesTest, ReadsLists) {
  std::ofstream(at("list")) << at("b.csv") << "\r\n\n" << at("sub/part-9*") << "\n";
  EXPECT_THAT(names({"@" + at("list")}), ElementsAre("b.csv", "part-9.parquet"));
}

TEST_F(InputFilesTest, TakesEachFileOnce) {
  fs::create_symlink(folder_ / "b.csv", folder_ / "sub/link.csv");
  EXPECT_THAT(names({at("b.csv"), at("*.csv"), at("sub/../b.csv"), at("sub/link.csv")}),
              ElementsAre("b.csv"));
}

TEST_F(InputFilesTest, DoesNotFollowLinksToFolders) {
  fs::create_directory_symlink(folder_, folder_ / "sub/loop");
  EXPECT_EQ(names({at("sub")}).size(), 3u);
  EXPECT_EQ(names({at("sub/loop")}).size(), 5u);
}

TEST_F(InputFilesTest, TakesAGivenFormat) {
  const InputFiles found = find_input_files(std::vector{at("README.md")}, Format::k_lines);
  EXPECT_EQ(found.files[0].format, Format::k_lines);
  EXPECT_EQ(found.files[0].stem, "README");
  EXPECT_THAT(found.skipped, IsEmpty());
}

TEST_F(InputFilesTest, SaysWhatIsNotThere) {
  EXPECT_EQ(error_of({at("missing.csv")}).first, ErrorCode::k_not_found);
  EXPECT_THAT(error_of({at("missing.csv")}).second, HasSubstr("there is no such file"));
  EXPECT_THAT(error_of({at("*.tsv")}).second, HasSubstr("no file matches this pattern"));
  EXPECT_THAT(error_of({"@" + at("nolist")}).second,
              HasSubstr("the list of inputs cannot be opened"));
  EXPECT_EQ(error_of({at("README.md")}).first, ErrorCode::k_usage);
  EXPECT_THAT(error_of({at("READ*")}).second, HasSubstr("README.md, is not known"));
  fs::create_directory(folder_ / "empty");
  EXPECT_THAT(error_of({at("empty")}).second, HasSubstr("the folders are empty"));
}

}  // namespace
}  // namespace hasten::data
