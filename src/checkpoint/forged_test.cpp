// Every forged folder of tests/forged ends in the error that its list names, and no control does.
#include <gmock/gmock.h>

#include <cstdlib>
#include <ctime>
#include <sstream>

#include "checkpoint/checkpoint.h"
#include "checkpoint/labels.h"
#include "checkpoint/temporary_folder_test.h"
#include "hasten/error.h"

namespace hasten::checkpoint {
namespace {

// A line of the list that make_forged.py writes.
struct ForgedCase {
  std::string name;
  std::string target;
  std::string code;
  std::string message;
};

std::vector<ForgedCase> read_manifest(const std::filesystem::path& file) {
  std::vector<ForgedCase> cases;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    std::istringstream fields(line);
    ForgedCase forged;
    std::getline(fields, forged.name, '\t');
    std::getline(fields, forged.target, '\t');
    std::getline(fields, forged.code, '\t');
    std::getline(fields, forged.message, '\t');
    cases.push_back(forged);
  }
  return cases;
}

// The code of the error that opening ends with, "ok" without one, and its message.
std::pair<std::string, std::string> open_forged(const std::filesystem::path& path) {
  try {
    read_semantics(open_checkpoint(path), 2, 16);
    return {"ok", ""};
  } catch (const Error& error) {
    return {error_code_name(error.code()), error.what()};
  }
}

TEST(Forged, EachEndsInItsError) {
  if (std::system("python3 -c pass") != 0) GTEST_SKIP() << "python3 is not here";
  TemporaryFolder folder;
  const std::string script = HASTEN_SOURCE_DIR "/tests/forged/make_forged.py";
  ASSERT_EQ(std::system(("python3 -B " + script + " " + folder.path().string()).c_str()), 0);
  const auto cases = read_manifest(folder.path() / "manifest.tsv");
  EXPECT_GT(cases.size(), 400u);
  for (const ForgedCase& forged : cases) {
    SCOPED_TRACE(forged.name);
    const std::clock_t begin = std::clock();  // processor time: the machine may be busy
    const auto [code, message] = open_forged(folder.path() / forged.target);
    EXPECT_EQ(code, forged.code) << message;
    EXPECT_THAT(message, testing::HasSubstr(forged.message));
    EXPECT_THAT(message, testing::Not(testing::HasSubstr("\x1b")));
    EXPECT_LT(message.size(), 2000u);
    EXPECT_LT(std::clock() - begin, 2 * CLOCKS_PER_SEC);
  }
}

}  // namespace
}  // namespace hasten::checkpoint
