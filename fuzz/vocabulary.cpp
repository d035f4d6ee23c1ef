// XLM's vocab.json and merges.txt, or BERTweet's vocab.txt and bpe.codes, with a zero byte between;
// then one text through the tokenizer that they make.
#include "fuzz_target.h"
#include "tokenizer/tokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hasten::tokenizer;
  const std::string_view text = hasten::fuzz::as_text(data, size);
  const std::size_t end = std::min(text.find('\0'), size);
  const std::string first(text.substr(0, end));
  const std::string second(text.substr(std::min(end + 1, size)));
  return hasten::fuzz::check([&] {
    const bool is_json = first.starts_with('{');
    const auto tokenizer =
        is_json ? Tokenizer::load({{"vocab.json", first}, {"merges.txt", second}}, "xlm")
                : Tokenizer::load({{"vocab.txt", first}, {"bpe.codes", second}}, "bertweet");
    const auto scratch = tokenizer->make_scratch();
    Encoding encoding;
    tokenizer->encode("Caf\u00E9 \u2581 don't \xFF ... \u4E2D 12", {}, {}, *scratch, encoding);
    tokenizer->encode(second, {}, {}, *scratch, encoding);
  });
}
