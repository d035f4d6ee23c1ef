// How fast one thread encodes: the other side of run.py.
//
//   hasten_tokenizer_speed FOLDER MODEL_TYPE TEXTS PASSES
//
// TEXTS holds each text as its length (u32) and its bytes. Prints one JSON object: the seconds to load,
// those of the
// fastest pass (processor time), the number of ids and a hash of them (FNV-1a over each id's four bytes).
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> read_texts(const fs::path& path) {
  const std::string content = read_file(path);
  std::vector<std::string> texts;
  for (std::size_t at = 0; at + 4 <= content.size();) {
    std::uint32_t length = 0;
    std::memcpy(&length, content.data() + at, sizeof length);
    texts.push_back(content.substr(at + 4, length));
    at += 4 + length;
  }
  return texts;
}

// Processor time: what else the machine does does not count.
double now() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

std::uint64_t hash(std::uint64_t value, const std::vector<std::int32_t>& ids) {
  for (const std::int32_t id : ids) {
    for (int shift = 0; shift < 32; shift += 8) {
      value = (value ^ (static_cast<std::uint32_t>(id) >> shift & 0xFF)) * 0x100000001B3;
    }
  }
  return value;
}

int run(const fs::path& folder, const char* model_type, const fs::path& texts_file, int passes) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    files[entry.path().filename()] = read_file(entry.path());
  }
  const std::vector<std::string> texts = read_texts(texts_file);
  double start = now();
  const auto tokenizer = hasten::tokenizer::Tokenizer::load(files, model_type);
  const double load_seconds = now() - start;
  const auto scratch = tokenizer->make_scratch();
  hasten::tokenizer::Encoding encoding;
  std::size_t count = 0;
  std::uint64_t ids_hash = 0xCBF29CE484222325;
  for (const std::string& text : texts) {
    tokenizer->encode(text, {}, {}, *scratch, encoding);
    count += encoding.ids.size();
    ids_hash = hash(ids_hash, encoding.ids);
  }
  double best = 1e9;
  for (int pass = 0; pass < passes; ++pass) {
    start = now();
    for (const std::string& text : texts) tokenizer->encode(text, {}, {}, *scratch, encoding);
    best = std::min(best, now() - start);
  }
  std::printf("{\"load_seconds\": %.6f, \"seconds\": %.9f, \"ids\": %zu, \"hash\": %llu}\n",
              load_seconds, best, count, static_cast<unsigned long long>(ids_hash));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: hasten_tokenizer_speed FOLDER MODEL_TYPE TEXTS PASSES\n");
    return 2;
  }
  try {
    return run(argv[1], argv[2], argv[3], std::atoi(argv[4]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
