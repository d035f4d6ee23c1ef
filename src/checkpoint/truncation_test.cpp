// Files that were cut short are never taken for whole ones.
#include <gtest/gtest.h>
#include <hasten/error.h>

#include <filesystem>
#include <random>

#include "base/json.h"
#include "base/mapped_file.h"
#include "checkpoint/safetensors.h"
#include "checkpoint/weights.h"

namespace hasten::checkpoint {
namespace {

namespace fs = std::filesystem;

const fs::path k_example = fs::path(HASTEN_SOURCE_DIR) / "examples" / "tweet-sentiment";

TEST(Truncation, OfAWholeModelIsNoticedEverywhere) {
  const auto file = MappedFile::open(k_example / "model.safetensors");
  const auto bytes = file->bytes();
  std::vector<std::size_t> lengths;
  constexpr std::size_t k_header_end = 8000;  // somewhat beyond the header
  for (std::size_t length = 0; length < k_header_end; ++length) lengths.push_back(length);
  std::mt19937_64 random(1);
  for (int i = 0; i < 1000; ++i) lengths.push_back(random() % bytes.size());
  lengths.push_back(bytes.size() - 1);
  for (const std::size_t length : lengths) {
    EXPECT_THROW(read_safetensors({bytes.first(length), file, "model"}), Error) << length;
  }
  EXPECT_NO_THROW(read_safetensors({bytes, file, "model"}));
}

// Zip, legacy and safetensors files of every type, view and shard: each is small enough for every length.
TEST(Truncation, OfEveryKindOfWeightsFileIsNoticedAtEveryByte) {
  const fs::path folder = fs::path(HASTEN_SOURCE_DIR) / "tests/goldens/checkpoint_files";
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string extension = entry.path().extension();
    if (extension != ".bin" && extension != ".safetensors") continue;
    ++files;
    const auto file = MappedFile::open(entry.path());
    const auto bytes = file->bytes();
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      EXPECT_THROW(read_weights_file({bytes.first(length), file, "model"}), Error)
          << entry.path() << " " << length;
    }
    EXPECT_NO_THROW(read_weights_file({bytes, file, "model"})) << entry.path();
  }
  EXPECT_GE(files, 17u);
}

// A setting that lost more than white space at its end is malformed.
TEST(Truncation, OfSettingsIsNoticed) {
  const fs::path shards =
      fs::path(HASTEN_SOURCE_DIR) / "tests/goldens/checkpoint_files/sharded_bin";
  for (const fs::path& file :
       {k_example / "config.json", k_example / "model_args.json",
        k_example / "tokenizer_config.json", shards / "pytorch_model.bin.index.json"}) {
    const std::string whole = read_file(file);
    const std::size_t last = whole.find_last_not_of(" \r\n\t");
    for (std::size_t length = 0; length <= last; ++length) {
      EXPECT_THROW(Json::parse(whole.substr(0, length), file.string()), Error) << length;
    }
    EXPECT_NO_THROW(Json::parse(whole, file.string()));
  }
}

}  // namespace
}  // namespace hasten::checkpoint
