// Ids against those of the pinned Python packages, for models with golden files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/json.h"
#include "tokenizer/tokenizer.h"

namespace hasten::tokenizer {
namespace {

namespace fs = std::filesystem;

// A file's content; gzip is undone.
std::string read_file(const fs::path& path) {
  gzFile file = gzopen(path.c_str(), "rb");
  EXPECT_NE(file, nullptr) << path;
  std::string content;
  char buffer[1 << 16];
  for (int count; (count = gzread(file, buffer, sizeof buffer)) > 0;) {
    content.append(buffer, static_cast<std::size_t>(count));
  }
  gzclose(file);
  return content;
}

std::map<std::string, std::string> read_folder(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto extension = entry.path().extension();
    if (extension == ".json" || extension == ".txt") {
      files[entry.path().filename()] = read_file(entry.path());
    }
  }
  return files;
}

std::vector<Json> read_rows(const fs::path& path) {
  std::istringstream lines(read_file(path));
  std::vector<Json> rows;
  for (std::string line; std::getline(lines, line);) rows.push_back(Json::parse(line, path));
  return rows;
}

std::vector<std::int32_t> expected_ids(const Json& row) {
  std::vector<std::int32_t> ids;
  for (const Json& id : row["ids"].as_array("ids")) {
    ids.push_back(static_cast<std::int32_t>(id.as_integer("id")));
  }
  return ids;
}

void expect_golden_ids(const Tokenizer& tokenizer, const fs::path& golden,
                       std::int64_t max_length) {
  const auto scratch = tokenizer.make_scratch();
  Encoding encoding;
  const std::vector<Json> rows = read_rows(golden);
  EXPECT_FALSE(rows.empty());
  for (const Json& row : rows) {
    const std::string& text = row["text"].as_string("text");
    std::optional<std::string_view> pair;
    if (row.contains("text_pair")) pair = row["text_pair"].as_string("text_pair");
    tokenizer.encode(text, pair, {max_length, true}, *scratch, encoding);
    EXPECT_EQ(encoding.ids, expected_ids(row)) << text;
  }
}

TEST(TokenizerGolden, MiniLmOffensiveFromTokenizerJson) {
  const fs::path models = fs::path(HASTEN_SHARED_DIR) / "models";
  if (!fs::exists(models)) GTEST_SKIP() << "no shared folder";
  const auto tokenizer = Tokenizer::load(read_folder(models / "minilm-offensive"), "bert");
  expect_golden_ids(*tokenizer, models / "minilm-offensive.golden.jsonl.gz", 64);
}

TEST(TokenizerGolden, MiniLmOffensiveFromVocabulary) {
  const fs::path models = fs::path(HASTEN_SHARED_DIR) / "models";
  if (!fs::exists(models)) GTEST_SKIP() << "no shared folder";
  auto files = read_folder(models / "minilm-offensive");
  files.erase("tokenizer.json");
  const auto tokenizer = Tokenizer::load(files, "bert");
  expect_golden_ids(*tokenizer, models / "minilm-offensive.golden.jsonl.gz", 64);
}

TEST(TokenizerGolden, BundledTweetSentiment) {
  const fs::path source = HASTEN_SOURCE_DIR;
  const auto tokenizer = Tokenizer::load(read_folder(source / "examples/tweet-sentiment"), "bert");
  expect_golden_ids(*tokenizer, source / "tests/goldens/tweet_sentiment/golden.jsonl", 128);
}

}  // namespace
}  // namespace hasten::tokenizer
