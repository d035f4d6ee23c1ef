// A sentencepiece model file, then one text through the tokenizer that it makes.
#include "fuzz_target.h"
#include "tokenizer/tokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hasten::tokenizer;
  return hasten::fuzz::check([&] {
    const std::string model(hasten::fuzz::as_text(data, size));
    const auto tokenizer = Tokenizer::load({{"spm.model", model}}, "deberta-v2");
    const auto scratch = tokenizer->make_scratch();
    Encoding encoding;
    tokenizer->encode("Caf\u00E9 \u2581 don't \xFF \u4E2D 12", {}, {}, *scratch, encoding);
  });
}
