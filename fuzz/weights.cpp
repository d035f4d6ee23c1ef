// A weights file of any format, told by its first bytes: torch's zip and older pickles above all.
#include "checkpoint/weights.h"

#include "fuzz_target.h"
#include "touch_tensors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return hasten::fuzz::check([&] {
    const std::string_view text = hasten::fuzz::as_text(data, size);
    hasten::fuzz::touch(hasten::checkpoint::read_weights_file(
        {std::as_bytes(std::span(text.data(), text.size())), nullptr, "fuzz"}));
  });
}
