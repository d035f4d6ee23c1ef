// model.safetensors.index.json.
#include "checkpoint/weights.h"
#include "fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return hasten::fuzz::check([&] {
    const auto index = hasten::Json::parse(hasten::fuzz::as_text(data, size), "index.json");
    hasten::checkpoint::parse_shard_index(index, "index.json");
  });
}
