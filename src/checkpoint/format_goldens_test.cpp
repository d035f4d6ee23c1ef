// Files that torch and safetensors wrote (tests/goldens/checkpoint_files), and what is in them.
#include <gmock/gmock.h>

#include <cmath>
#include <random>

#include "base/json.h"
#include "base/mapped_file.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/expect_error_test.h"
#include "checkpoint/weights.h"

namespace hasten::checkpoint {
namespace {

namespace fs = std::filesystem;
using Tensors = std::map<std::string, Tensor>;

const fs::path k_goldens = fs::path(HASTEN_SOURCE_DIR) / "tests" / "goldens" / "checkpoint_files";

// The file in memory, cut after `length` bytes; its owner is the string itself.
FileBytes load(const std::string& content, const std::string& name) {
  auto owner = std::make_shared<const std::string>(content);
  return {std::as_bytes(std::span(owner->data(), owner->size())), owner, name};
}

void expect_values(const Tensor& tensor, const Json::Array& values) {
  ASSERT_EQ(static_cast<std::size_t>(tensor.size()), values.size());
  if (is_floating(tensor.dtype)) {
    const auto found = to_float64(tensor);
    for (std::size_t i = 0; i < found.size(); ++i) {
      const double wanted = values[i].as_number("value");
      EXPECT_EQ(found[i], wanted);
      EXPECT_EQ(std::signbit(found[i]), std::signbit(wanted));
    }
    return;
  }
  const auto found = to_int64(tensor);
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i], values[i].as_integer("value"));
}

void expect_tensors(const Tensors& tensors, const fs::path& expected_file) {
  const Json expected = Json::parse(read_file(expected_file), expected_file.string());
  EXPECT_EQ(tensors.size(), expected.as_object("expected").size());
  for (const auto& [name, entry] : expected.as_object("expected")) {
    SCOPED_TRACE(name);
    const auto tensor = tensors.find(name);
    ASSERT_NE(tensor, tensors.end());
    EXPECT_EQ(name_of(tensor->second.dtype), entry["dtype"].as_string("dtype"));
    Dims shape;
    for (const Json& dim : entry["shape"].as_array("shape")) shape.push_back(dim.as_integer("dim"));
    EXPECT_EQ(tensor->second.dims, shape);
    expect_values(tensor->second, entry["values"].as_array("values"));
  }
}

class FormatGolden : public testing::TestWithParam<const char*> {
 protected:
  const std::string content_ = read_file(k_goldens / GetParam());
};

TEST_P(FormatGolden, HasTheTensorsThatWereSaved) {
  expect_tensors(read_weights_file(load(content_, GetParam())),
                 k_goldens / (std::string(GetParam()) + ".expected.json"));
}

TEST_P(FormatGolden, IsNeverTakenWhenCutShort) {
  for (std::size_t length = 0; length < content_.size(); ++length) {
    const FileBytes file = load(content_.substr(0, length), GetParam());
    EXPECT_THROW(read_weights_file(file), Error) << "cut after " << length << " bytes";
  }
}

TEST_P(FormatGolden, IsNeverTakenWithBytesAppended) {
  EXPECT_THROW(read_weights_file(load(content_ + '\0', GetParam())), Error);
}

// Damage may go unnoticed where it only changes values; it must never do anything else.
TEST_P(FormatGolden, SurvivesDamage) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string damaged = content_;
    for (int i = 0; i < 1 + round % 3; ++i) {
      damaged[random() % damaged.size()] ^= static_cast<char>(1 << random() % 8);
    }
    try {
      for (const auto& [name, tensor] : read_weights_file(load(damaged, GetParam()))) {
        EXPECT_EQ(tensor.bytes.size(),
                  static_cast<std::size_t>(*element_count(tensor.dims)) * size_of(tensor.dtype));
      }
    } catch (const Error& error) {
      EXPECT_TRUE(error.code() == ErrorCode::k_malformed ||
                  error.code() == ErrorCode::k_unsupported)
          << error.what();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Files, FormatGolden,
                         testing::Values("types.safetensors", "types.zip.bin", "types.legacy.bin",
                                         "views.zip.bin", "views.legacy.bin", "module.zip.bin",
                                         "module.legacy.bin", "protocol3.zip.bin",
                                         "protocol3.legacy.bin", "protocol4.zip.bin",
                                         "protocol4.legacy.bin", "protocol5.zip.bin",
                                         "protocol5.legacy.bin"));

TEST(ShardGoldens, AreJoined) {
  for (const char* folder : {"sharded_safetensors", "sharded_bin"}) {
    SCOPED_TRACE(folder);
    const Checkpoint checkpoint = open_checkpoint(k_goldens / folder);
    expect_tensors(checkpoint.tensors, k_goldens / folder / "expected.json");
    EXPECT_EQ(checkpoint.sources.size(), 4u);
  }
}

TEST(Views, ShareTheirStorageWhereTheyCan) {
  const std::string content = read_file(k_goldens / "views.zip.bin");
  const Tensors tensors = read_weights_file(load(content, "views"));
  const std::byte* base = tensors.at("base").bytes.data();
  EXPECT_EQ(tensors.at("tied").bytes.data(), base);
  EXPECT_EQ(tensors.at("row").bytes.data(), base + 20 * sizeof(float));
  EXPECT_EQ(tensors.at("one").bytes.data(), base + 59 * sizeof(float));
}

}  // namespace
}  // namespace hasten::checkpoint
