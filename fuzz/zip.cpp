// The zip directory and every entry behind it, their checksums included.
#include "checkpoint/zip_archive.h"

#include "fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return hasten::fuzz::check([&] {
    const std::string_view text = hasten::fuzz::as_text(data, size);
    const hasten::checkpoint::ZipArchive archive(std::as_bytes(std::span(text.data(), text.size())),
                                                 "fuzz");
    for (const auto& entry : archive.entries()) {
      if (archive.find(entry.name) != &entry) std::abort();
      archive.checked(entry);
    }
  });
}
