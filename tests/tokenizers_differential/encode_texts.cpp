// Encodes texts from standard input: the other side of run.py.
//
//   hasten_tokenizer_encode FOLDER MODEL_TYPE [--hashes]
//
// In, batch by batch: the number of texts (u32), then for each max_length (u32; 0: none), the text,
// the second text. A text is its length (u32) and its bytes; the length 0xFFFFFFFF says that there is
// no second text. Out, for each: the number of ids (u32), the ids (i32), the type ids (u8). With --hashes
// instead a line for each 64 texts: the CRC-32, in hexadecimal, of all their numbers of ids and ids.
#include <zlib.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "tokenizer/tokenizer.h"

namespace {

namespace fs = std::filesystem;
constexpr std::uint32_t k_no_text = 0xFFFFFFFF;

std::map<std::string, std::string> read_folder(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    files[entry.path().filename()] = {std::istreambuf_iterator<char>(file), {}};
  }
  return files;
}

bool read_number(std::uint32_t& number) {
  return std::fread(&number, sizeof number, 1, stdin) == 1;
}

bool read_text(std::optional<std::string>& text) {
  std::uint32_t length = 0;
  if (!read_number(length)) return false;
  if (length == k_no_text) {
    text.reset();
    return true;
  }
  text.emplace(length, '\0');
  return std::fread(text->data(), 1, length, stdin) == length;
}

// What becomes of the encodings.
class Output {
 public:
  explicit Output(bool hashes) : hashes_(hashes) {}

  void add(const hasten::tokenizer::Encoding& encoding) {
    const auto count = static_cast<std::uint32_t>(encoding.ids.size());
    if (hashes_) {
      add_to_hash(&count, sizeof count);
      add_to_hash(encoding.ids.data(), count * sizeof(std::int32_t));
      if (++texts_ == k_block) finish_block();
      return;
    }
    std::fwrite(&count, sizeof count, 1, stdout);
    std::fwrite(encoding.ids.data(), sizeof(std::int32_t), count, stdout);
    for (const std::int32_t type : encoding.type_ids) std::fputc(type, stdout);
  }

  // After each batch.
  void flush() { std::fflush(stdout); }
  void finish() {
    if (texts_ > 0) finish_block();
  }

 private:
  static constexpr int k_block = 64;

  void add_to_hash(const void* data, std::size_t size) {
    hash_ = crc32(hash_, static_cast<const Bytef*>(data), static_cast<uInt>(size));
  }
  void finish_block() {
    std::printf("%08lx\n", hash_);
    hash_ = crc32(0, nullptr, 0);
    texts_ = 0;
  }

  bool hashes_;
  uLong hash_ = crc32(0, nullptr, 0);
  int texts_ = 0;
};

int run(const char* folder, const char* model_type, bool hashes) {
  const auto tokenizer = hasten::tokenizer::Tokenizer::load(read_folder(folder), model_type);
  const auto scratch = tokenizer->make_scratch();
  hasten::tokenizer::Encoding encoding;
  Output output(hashes);
  std::uint32_t count = 0;
  std::uint32_t max_length = 0;
  std::optional<std::string> text, pair;
  while (read_number(count)) {
    for (; count > 0 && read_number(max_length) && read_text(text) && read_text(pair); --count) {
      std::optional<std::string_view> second;
      if (pair) second = *pair;
      tokenizer->encode(text.value(), second, {max_length, true}, *scratch, encoding);
      output.add(encoding);
    }
    output.flush();
  }
  output.finish();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const bool hashes = argc == 4 && std::strcmp(argv[3], "--hashes") == 0;
  if (argc != 3 && !hashes) {
    std::fprintf(stderr, "usage: hasten_tokenizer_encode FOLDER MODEL_TYPE [--hashes]\n");
    return 2;
  }
  try {
    return run(argv[1], argv[2], hashes);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
