// config.json, model_args.json and tokenizer_config.json, separated by zero bytes.
#include "checkpoint/labels.h"
#include "fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return hasten::fuzz::check([&] {
    const std::string_view text = hasten::fuzz::as_text(data, size);
    const std::size_t first = std::min(text.find('\0'), size);
    const std::size_t second = std::min(text.find('\0', first + 1), size);
    hasten::checkpoint::Checkpoint checkpoint;
    checkpoint.config = hasten::Json::parse(text.substr(0, first), "config.json");
    if (first < size) {
      checkpoint.model_args =
          hasten::Json::parse(text.substr(first + 1, second - first - 1), "model_args.json");
    }
    if (second < size) {
      checkpoint.tokenizer_files["tokenizer_config.json"] = text.substr(second + 1);
    }
    for (const std::int64_t classes : {1, 2, 3}) {
      const auto semantics = hasten::checkpoint::read_semantics(checkpoint, classes, 128);
      if (semantics.labels.size() != static_cast<std::size_t>(classes)) std::abort();
      if (semantics.max_length.value < 1 || semantics.max_length.value > 128) std::abort();
    }
  });
}
