// The pickle machine alone: any program.
#include "checkpoint/pickle.h"

#include "fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return hasten::fuzz::check([&] {
    const std::string_view text = hasten::fuzz::as_text(data, size);
    hasten::ByteReader reader(std::as_bytes(std::span(text.data(), text.size())), "fuzz");
    hasten::checkpoint::read_pickle(reader, "fuzz");
  });
}
