#include <gmock/gmock.h>

#include "base/sha256.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/expect_error_test.h"
#include "checkpoint/labels.h"
#include "checkpoint/temporary_folder_test.h"

namespace hasten::checkpoint {
namespace {

using testing::ElementsAre;
using testing::Key;
using testing::UnorderedElementsAre;
namespace fs = std::filesystem;

const fs::path k_example = fs::path(HASTEN_SOURCE_DIR) / "examples" / "tweet-sentiment";
const fs::path k_minilm = fs::path(HASTEN_SHARED_DIR) / "models" / "minilm-offensive";

// One tensor "w" of one float.
std::string tiny_safetensors(const std::string& name = "w") {
  std::string header = R"({")" + name + R"(":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  std::string file(8, '\0');
  file[0] = static_cast<char>(header.size());
  return file + header + std::string("\0\0\x80\x3f", 4);
}

TEST(Folder, OpensTheBundledExample) {
  const Checkpoint checkpoint = open_checkpoint(k_example);
  EXPECT_EQ(checkpoint.config["model_type"].as_string("model_type"), "bert");
  EXPECT_EQ(checkpoint.tensors.at("classifier.weight").dims, (Dims{3, 128}));
  EXPECT_THAT(checkpoint.tokenizer_files,
              UnorderedElementsAre(Key("tokenizer.json"), Key("tokenizer_config.json"),
                                   Key("special_tokens_map.json"), Key("vocab.txt")));
  EXPECT_TRUE(checkpoint.tokenizer_files.at("vocab.txt").starts_with("[PAD]\n"));
  const Semantics semantics = read_semantics(checkpoint, 3, 128);
  EXPECT_THAT(semantics.labels, ElementsAre("negative", "neutral", "positive"));
  EXPECT_EQ(semantics.function.value, Function::k_softmax);
  EXPECT_EQ(semantics.max_length.value, 128);
  EXPECT_EQ(semantics.max_length.source, "model_args.json: max_seq_length");
}

TEST(Folder, OpensARealFolder) {
  if (!fs::exists(k_minilm)) GTEST_SKIP() << "shared/models is not here";
  const Checkpoint checkpoint = open_checkpoint(k_minilm);
  EXPECT_EQ(checkpoint.tensors.size(), 105u);
  EXPECT_EQ(checkpoint.tensors.at("bert.embeddings.word_embeddings.weight").dims,
            (Dims{30522, 384}));
  const Semantics semantics = read_semantics(checkpoint, 2, 512);
  EXPECT_THAT(semantics.labels, ElementsAre("0", "1"));
  EXPECT_EQ(semantics.max_length.value, 64);
}

TEST(Folder, HashesWhatWasRead) {
  TemporaryFolder folder;
  folder.write("config.json", "{}");
  folder.write("model.safetensors", tiny_safetensors());
  folder.write("training_args.bin", "not read");
  const auto hashes = source_hashes(open_checkpoint(folder.path()));
  EXPECT_THAT(hashes, UnorderedElementsAre(Key("config.json"), Key("model.safetensors")));
  EXPECT_EQ(hashes.at("config.json"),
            "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
}

TEST(Folder, TakesAPathToTheWeights) {
  TemporaryFolder folder;
  folder.write("config.json", "{}");
  folder.write("model.safetensors", tiny_safetensors("first"));
  const auto other = folder.write("weights.of.mine", tiny_safetensors("second"));
  EXPECT_THAT(open_checkpoint(folder.path()).tensors, ElementsAre(Key("first")));
  EXPECT_THAT(open_checkpoint(other).tensors, ElementsAre(Key("second")));
  EXPECT_EQ(open_checkpoint(other).folder, folder.path());
}

TEST(Folder, PrefersSafetensorsToPickles) {
  TemporaryFolder folder;
  folder.write("config.json", "{}");
  folder.write("pytorch_model.bin", "damaged");
  folder.write("model.safetensors", tiny_safetensors());
  EXPECT_THAT(open_checkpoint(folder.path()).tensors, ElementsAre(Key("w")));
}

// The length that begins the format may look like the first bytes of another one.
TEST(Folder, TellsSafetensorsWhateverItsLength) {
  const std::string plain = tiny_safetensors();
  for (const std::size_t header_length : {0x80u, 0x4b50u}) {  // "\x80", "PK"
    TemporaryFolder folder;
    folder.write("config.json", "{}");
    std::string content = plain;
    content.insert(plain.size() - 4, 8 + header_length + 4 - plain.size(), ' ');
    content[0] = static_cast<char>(header_length);
    content[1] = static_cast<char>(header_length >> 8);
    folder.write("model.safetensors", content);
    EXPECT_THAT(open_checkpoint(folder.path()).tensors, ElementsAre(Key("w")));
  }
}

TEST(Folder, OpensSettingsWithoutWeights) {
  TemporaryFolder folder;
  folder.write("config.json", R"({"model_type": "bert"})");
  folder.write("vocab.txt", "a\nb\n");
  const Checkpoint checkpoint = open_settings(folder.path());
  EXPECT_TRUE(checkpoint.tensors.empty());
  EXPECT_EQ(checkpoint.tokenizer_files.at("vocab.txt"), "a\nb\n");
}

TEST(Folder, SaysWhatIsMissing) {
  TemporaryFolder folder;
  expect_error(ErrorCode::k_not_found, "no such file or folder",
               [&] { open_checkpoint(folder.path() / "absent"); });
  expect_error(ErrorCode::k_not_found, "pytorch_model.bin.index.json",
               [&] { open_checkpoint(folder.path()); });
  folder.write("tf_model.h5", "");
  expect_error(ErrorCode::k_not_found, "TensorFlow weights",
               [&] { open_checkpoint(folder.path()); });
  folder.write("checkpoint-20/model.safetensors", "");
  folder.write("best_model/pytorch_model.bin", "");
  expect_error(ErrorCode::k_not_found, "give best_model or checkpoint-20",
               [&] { open_checkpoint(folder.path()); });
  folder.write("model.safetensors", tiny_safetensors());
  expect_error(ErrorCode::k_not_found, "no config.json", [&] { open_checkpoint(folder.path()); });
}

TEST(Folder, RefusesByName) {
  const auto refused = [](const char* file, const char* content, const char* message) {
    TemporaryFolder folder;
    folder.write("config.json", "{}");
    folder.write("model.safetensors", tiny_safetensors());
    folder.write(file, content);
    expect_error(ErrorCode::k_unsupported, message, [&] { open_checkpoint(folder.path()); });
  };
  refused("adapter_config.json", "{}", "LoRA/PEFT");
  refused("config.json", R"({"quantization_config": {"quant_method": "gptq"}})", "'gptq'");
  refused("config.json", R"({"auto_map": {"AutoModel": "m.M"}})", "auto_map");
  refused("tokenizer_config.json", R"({"auto_map": {"AutoTokenizer": ["t.T", null]}})", "auto_map");
  refused("model_args.json", R"({"quantized_model": true})", "quantized_model");
  refused("config.json", R"({"quantization_config": {"load_in_4bit": true}})", "'bitsandbytes'");
  refused("quantize_config.json", "{}", "GPTQ or AWQ");
}

TEST(Folder, SaysHowToSaveTheWeightsOfOtherFrameworks) {
  const auto refused = [](const char* file, const char* message) {
    TemporaryFolder folder;
    folder.write("config.json", "{}");
    folder.write(file, "any");
    expect_error(ErrorCode::k_not_found, message, [&] { open_checkpoint(folder.path()); });
  };
  refused("tf_model.h5", "from_tf=True");
  refused("flax_model.msgpack", "from_flax=True");
  refused("model.onnx", "'hasten optimize FOLDER OUT.onnx'");
  refused("onnx/model.onnx", "'hasten optimize FOLDER OUT.onnx'");
  refused("openvino_model.xml", "OpenVINO");
  refused("bert-q8.gguf", "GGUF");
}

TEST(Folder, TakesEmptySettingsForNone) {
  TemporaryFolder folder;
  folder.write("config.json", R"({"auto_map": {}, "quantization_config": null})");
  folder.write("model_args.json", R"({"quantized_model": false})");
  folder.write("model.safetensors", tiny_safetensors());
  EXPECT_THAT(open_checkpoint(folder.path()).tensors, ElementsAre(Key("w")));
}

TEST(Folder, ReadsShards) {
  TemporaryFolder folder;
  folder.write("config.json", "{}");
  folder.write("a.safetensors", tiny_safetensors("a"));
  const auto shard = folder.write("b-00002-of-00002.safetensors", tiny_safetensors("b"));
  const char* index = "model.safetensors.index.json";
  folder.write(index,
               R"({"weight_map": {"a": "a.safetensors", "b": "b-00002-of-00002.safetensors"}})");
  const Checkpoint checkpoint = open_checkpoint(folder.path());
  EXPECT_THAT(checkpoint.tensors, ElementsAre(Key("a"), Key("b")));
  EXPECT_EQ(checkpoint.sources.size(), 4u);
  EXPECT_THAT(open_checkpoint(shard).tensors, ElementsAre(Key("a"), Key("b")));
  EXPECT_THAT(open_checkpoint(folder.path() / index).tensors, ElementsAre(Key("a"), Key("b")));
}

TEST(Folder, RefusesShardsThatDoNotFit) {
  const auto refused = [](const std::string& map, ErrorCode code, const char* message) {
    TemporaryFolder folder;
    folder.write("config.json", "{}");
    folder.write("a.safetensors", tiny_safetensors("a"));
    folder.write("again.safetensors", tiny_safetensors("a"));
    folder.write("model.safetensors.index.json", map);
    expect_error(code, message, [&] { open_checkpoint(folder.path()); });
  };
  refused(R"({"weight_map": {"a": "../a.safetensors"}})", ErrorCode::k_malformed,
          "no name of a file");
  refused(R"({"weight_map": {"a": "/etc/passwd"}})", ErrorCode::k_malformed, "no name of a file");
  refused(R"({"weight_map": {"a": "absent"}})", ErrorCode::k_not_found, "absent");
  refused(R"({"weight_map": {"a": 3}})", ErrorCode::k_malformed, "not a string");
  refused(R"({"weight_map": []})", ErrorCode::k_malformed, "not an object");
  refused(R"({})", ErrorCode::k_malformed, "weight_map");
  refused(R"({"weight_map": {"x": "a.safetensors"}})", ErrorCode::k_malformed, "'x' is not in");
  refused(R"({"weight_map": {"a": "a.safetensors", "b": "again.safetensors"}})",
          ErrorCode::k_malformed, "in two shards");
}

TEST(Folder, FollowsLinksOfTheCacheOnly) {
  TemporaryFolder folder;
  folder.write("model/blobs/1234", tiny_safetensors());
  folder.write("model/blobs/5678", "{}");
  folder.write("secret", "private");
  const fs::path snapshot = folder.path() / "model" / "snapshots" / "main";
  fs::create_directories(snapshot);
  fs::create_symlink("../../blobs/1234", snapshot / "model.safetensors");
  fs::create_symlink("../../blobs/5678", snapshot / "config.json");
  EXPECT_THAT(open_checkpoint(snapshot).tensors, ElementsAre(Key("w")));
  EXPECT_THAT(open_checkpoint(snapshot / "model.safetensors").tensors, ElementsAre(Key("w")));
  expect_error(ErrorCode::k_not_found, "give snapshots/main",
               [&] { open_checkpoint(folder.path() / "model"); });
  fs::create_symlink("../../../secret", snapshot / "vocab.txt");
  expect_error(ErrorCode::k_malformed, "leads out of its folder",
               [&] { open_checkpoint(snapshot); });
}

}  // namespace
}  // namespace hasten::checkpoint
