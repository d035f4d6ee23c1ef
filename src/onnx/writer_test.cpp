#include "onnx/writer.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "base/error.h"
#include "base/mapped_file.h"
#include "onnx/model_for_test.h"
#include "onnx/reader.h"

namespace hasten::onnx {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::SizeIs;

// A folder of its own for each test, removed at its end.
class WriterTest : public testing::Test {
 protected:
  WriterTest() {
    std::string pattern = (fs::temp_directory_path() / "onnx_writer_XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~WriterTest() override { fs::remove_all(folder_); }

  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_))
      names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  static Model large_model(float first = 0) {
    Model model = small_model();
    std::vector<float> values(3000, 0.25F);
    values[0] = first;
    model.graph.initializers.push_back({"large", make_tensor<float>({3000}, std::move(values))});
    model.graph.initializers.push_back(
        {"other", make_tensor<float>({2000}, std::vector<float>(2000, 3))});
    model.graph.initializers.push_back({"shared", model.graph.initializers.back().tensor});
    return model;
  }

  // The message when reading `path` fails.
  static std::string failure(const fs::path& path) {
    try {
      load_model(path);
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  }

  fs::path folder_;
};

TEST_F(WriterTest, WritesTheSameBytesEachTime) {
  const fs::path path = folder_ / "m.onnx";
  save_model(small_model(), path);
  const std::string first = read_file(path);
  EXPECT_EQ(first, bytes_of(small_model()));
  save_model(load_model(path), path);
  EXPECT_EQ(read_file(path), first);
  EXPECT_THAT(files(), SizeIs(1));
}

TEST_F(WriterTest, PutsTensorsBesideAModelThatIsTooLarge) {
  const fs::path path = folder_ / "m.onnx";
  save_model(large_model(), path, {4000, 1024});
  ASSERT_THAT(files(), SizeIs(2));
  EXPECT_LT(fs::file_size(path), 2000U);
  const Model model = load_model(path);
  ASSERT_EQ(model.graph.initializers.size(), 6U);
  EXPECT_EQ(to_float32(model.graph.initializers[3].tensor),
            std::vector<float>(to_float32(large_model().graph.initializers[3].tensor)));
  EXPECT_EQ(to_float32(model.graph.initializers[5].tensor), std::vector<float>(2000, 3));
  EXPECT_EQ(fs::file_size(folder_ / files()[1]), 12288U + 8192U)
      << "tensors start at pages, shared ones lie there once";
}

TEST_F(WriterTest, ReplacesAModelWithItsDataFile) {
  const fs::path path = folder_ / "m.onnx";
  std::ofstream(folder_ / "m.onnx.notes.data") << "somebody else's";
  save_model(large_model(1), path, {4000, 1024});
  const std::vector<std::string> before = files();
  const Model open = load_model(path);
  save_model(large_model(2), path, {4000, 1024});
  EXPECT_THAT(files(), SizeIs(3));
  EXPECT_NE(files(), before);
  EXPECT_EQ(to_float32(open.graph.initializers[3].tensor)[0], 1) << "what is mapped stays readable";
  EXPECT_EQ(to_float32(load_model(path).graph.initializers[3].tensor)[0], 2);
  save_model(load_model(path), path);
  EXPECT_THAT(files(), testing::ElementsAre("m.onnx", "m.onnx.notes.data"))
      << "whole again, in place";
  EXPECT_EQ(to_float32(load_model(path).graph.initializers[3].tensor)[0], 2);
}

TEST_F(WriterTest, RefusesAModelTooLargeWithoutTensors) {
  EXPECT_THROW(save_model(small_model(), folder_ / "m.onnx", {100, 1024}), Error);
  EXPECT_FALSE(fs::exists(folder_ / "m.onnx"));
}

class ExternalDataTest : public WriterTest {
 protected:
  ExternalDataTest() {
    fs::create_directory(folder_ / "model");
    std::ofstream(folder_ / "outside.bin") << std::string(64, 'x');
    std::ofstream(folder_ / "model/inside.bin") << std::string(64, 'x');
  }

  // A model with one tensor of 4 floats that lies at `location`.
  fs::path write(const std::string& location, const std::string& offset = "0",
                 const std::string& length = "16") {
    const auto entry = [](const std::string& key, const std::string& value) {
      Pieces out;
      out.add_text(1, key);
      out.add_text(2, value);
      return out;
    };
    Pieces tensor;
    tensor.add_packed(1, std::vector<std::int64_t>{4});
    tensor.add_integer(2, 1);
    tensor.add_text(8, "w");
    tensor.add_message(13, entry("location", location));
    if (!offset.empty()) tensor.add_message(13, entry("offset", offset));
    if (!length.empty()) tensor.add_message(13, entry("length", length));
    tensor.add_message(13, entry("__class__", "unknown keys are ignored"));
    tensor.add_integer(14, 1);
    Pieces graph;
    graph.add_message(5, std::move(tensor));
    Pieces model;
    model.add_integer(1, 8);
    model.add_message(7, std::move(graph));
    const fs::path path = folder_ / "model/m.onnx";
    std::ofstream file(path, std::ios::binary);
    model.write([&](std::span<const std::byte> part) {
      file.write(reinterpret_cast<const char*>(part.data()),
                 static_cast<std::streamsize>(part.size()));
    });
    return path;
  }
};

TEST_F(ExternalDataTest, ReadsFilesInTheFolder) {
  EXPECT_EQ(failure(write("inside.bin")), "none");
  EXPECT_EQ(failure(write("inside.bin", "48")), "none");
  EXPECT_EQ(failure(write("inside.bin", "", "")), "none");
  EXPECT_EQ(failure(write("./inside.bin")), "none");
}

TEST_F(ExternalDataTest, RefusesPathsThatLeaveTheFolder) {
  EXPECT_THAT(failure(write("../outside.bin")), HasSubstr("outside the model's folder"));
  EXPECT_THAT(failure(write("sub/../../outside.bin")), HasSubstr("outside the model's folder"));
  EXPECT_THAT(failure(write((folder_ / "model/inside.bin").string())),
              HasSubstr("outside the model's folder"));
  EXPECT_THAT(failure(write("")), HasSubstr("outside the model's folder"));
  EXPECT_THAT(failure(write(std::string("inside.bin\0.txt", 15))),
              HasSubstr("outside the model's folder"));
  EXPECT_THAT(failure(write("missing.bin")), HasSubstr("cannot be opened"));
}

TEST_F(ExternalDataTest, RefusesLinksThatLeaveTheFolder) {
  fs::create_symlink("../outside.bin", folder_ / "model/link.bin");
  fs::create_directory_symlink("..", folder_ / "model/up");
  fs::create_hard_link(folder_ / "outside.bin", folder_ / "model/hard.bin");
  EXPECT_THAT(failure(write("link.bin")), HasSubstr("leads out of the model's folder"));
  EXPECT_THAT(failure(write("up/outside.bin")), HasSubstr("leads out of the model's folder"));
  EXPECT_THAT(failure(write("hard.bin")), HasSubstr("hard link"));
}

TEST_F(ExternalDataTest, FollowsTheLinksOfADownloadCache) {
  fs::create_directories(folder_ / "snapshots/1");
  fs::create_directory(folder_ / "blobs");
  fs::rename(write("model.onnx_data"), folder_ / "blobs/aaaa");
  fs::rename(folder_ / "model/inside.bin", folder_ / "blobs/bbbb");
  fs::create_symlink("../../blobs/aaaa", folder_ / "snapshots/1/model.onnx");
  fs::create_symlink("../../blobs/bbbb", folder_ / "snapshots/1/model.onnx_data");
  EXPECT_EQ(failure(folder_ / "snapshots/1/model.onnx"), "none");
}

TEST_F(ExternalDataTest, RefusesWhatIsNoPlainFile) {
  ASSERT_EQ(::mkfifo((folder_ / "model/pipe").c_str(), 0600), 0);
  EXPECT_THAT(failure(write("pipe")), HasSubstr("not a regular file"));
  fs::create_directory(folder_ / "model/sub");
  EXPECT_THAT(failure(write("sub")), HasSubstr("not a regular file"));
}

TEST_F(ExternalDataTest, RefusesRangesThatDoNotFit) {
  EXPECT_THAT(failure(write("inside.bin", "49")), HasSubstr("asked for"));
  EXPECT_THAT(failure(write("inside.bin", "18446744073709551615")), HasSubstr("asked for"));
  EXPECT_THAT(failure(write("inside.bin", "18446744073709551616")), HasSubstr("is no size"));
  EXPECT_THAT(failure(write("inside.bin", "0", "-1")), HasSubstr("is no size"));
  EXPECT_THAT(failure(write("inside.bin", "0", "1125899906842624")), HasSubstr("asked for"));
  EXPECT_THAT(failure(write("inside.bin", "0", "20")), HasSubstr("need 16 bytes"));
  EXPECT_THAT(failure(write("inside.bin", "0x10")), HasSubstr("is no size"));
}

}  // namespace
}  // namespace hasten::onnx
