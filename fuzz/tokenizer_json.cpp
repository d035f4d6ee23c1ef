// tokenizer.json, then one text through whatever tokenizer it makes.
#include "fuzz_target.h"
#include "tokenizer/tokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hasten::tokenizer;
  return hasten::fuzz::check([&] {
    const std::string text(hasten::fuzz::as_text(data, size));
    const auto tokenizer = Tokenizer::load({{"tokenizer.json", text}}, "");
    const auto scratch = tokenizer->make_scratch();
    Encoding encoding;
    tokenizer->encode("Caf\u00E9 [SEP] don't \xFF \u4E2D 12", {}, {}, *scratch, encoding);
  });
}
