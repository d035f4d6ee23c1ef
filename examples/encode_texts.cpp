// Token ids of the lines of standard input, by as many threads as there are processors.
//
//   hasten_encode_texts MODEL < texts.txt
//
// Prints the ids of each line, in the order of the lines.
#include <hasten/error.h>
#include <hasten/tokenize.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace {

std::vector<std::string> read_lines() {
  std::vector<std::string> lines;
  for (std::string line; std::getline(std::cin, line);) lines.push_back(line);
  return lines;
}

// Every `step`-th line from `first` on. A tokenizer is shared; an encoder belongs to its thread.
void encode_lines(const hasten::TextTokenizer& tokenizer, const std::vector<std::string>& lines,
                  std::size_t first, std::size_t step,
                  std::vector<std::vector<std::int32_t>>& ids) {
  const auto encoder = tokenizer.make_encoder();
  hasten::EncodedText encoded;
  for (std::size_t i = first; i < lines.size(); i += step) {
    encoder->encode(lines[i], {}, encoded);
    ids[i] = encoded.ids;
  }
}

void run(const char* model) {
  const auto tokenizer = hasten::TextTokenizer::open(model, {});
  const std::vector<std::string> lines = read_lines();
  std::vector<std::vector<std::int32_t>> ids(lines.size());
  const std::size_t count = std::max(1u, std::thread::hardware_concurrency());
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < count; ++i) {
      threads.emplace_back([&, i] { encode_lines(*tokenizer, lines, i, count, ids); });
    }
  }
  for (const std::vector<std::int32_t>& line : ids) {
    for (std::size_t i = 0; i < line.size(); ++i) std::printf("%s%d", i == 0 ? "" : " ", line[i]);
    std::printf("\n");
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: hasten_encode_texts MODEL < texts.txt\n");
    return 2;
  }
  try {
    run(argv[1]);
  } catch (const hasten::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return static_cast<int>(error.code());
  }
}
