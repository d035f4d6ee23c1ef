#include "classifier/windows.h"

#include <algorithm>

#include "base/error.h"

namespace hasten::classifier {

void Sequences::clear() {
  ids.clear();
  type_ids.clear();
  ends.clear();
  truncated = false;
}

void Sequences::append(std::span<const std::int32_t> more_ids,
                       std::span<const std::int32_t> more_types) {
  ids.insert(ids.end(), more_ids.begin(), more_ids.end());
  type_ids.insert(type_ids.end(), more_types.begin(), more_types.end());
}

TextFrame find_frame(const tokenizer::Tokenizer& tokenizer) {
  constexpr std::string_view k_word = "a";
  const auto scratch = tokenizer.make_scratch();
  tokenizer::Encoding bare, framed;
  tokenizer.encode(k_word, {}, {0, false}, *scratch, bare);
  tokenizer.encode(k_word, {}, {0, true}, *scratch, framed);
  const auto found =
      std::search(framed.ids.begin(), framed.ids.end(), bare.ids.begin(), bare.ids.end());
  if (bare.ids.empty() || found == framed.ids.end()) {
    fail(ErrorCode::k_unsupported, "sliding windows do not go with this tokenizer", {},
         "it does not put its special tokens around a text",
         "Convert without sliding_window in model_args.json.");
  }
  const auto before = found - framed.ids.begin();
  const auto after = before + std::ssize(bare.ids);
  const auto types = framed.type_ids.begin();
  return {{framed.ids.begin(), found},
          {types, types + before},
          {framed.ids.begin() + after, framed.ids.end()},
          {types + after, framed.type_ids.end()}};
}

void cut_windows(const tokenizer::Encoding& content, const TextFrame& frame,
                 const WindowLayout& layout, Sequences& out) {
  out.clear();
  const std::size_t count = content.ids.size();
  const std::span ids(content.ids);
  const std::span types(content.type_ids);
  const auto window = [&](std::size_t begin) {
    const std::size_t size = std::min(layout.content, count - begin);
    out.append(frame.before, frame.before_types);
    out.append(ids.subspan(begin, size), types.subspan(begin, size));
    out.append(frame.after, frame.after_types);
    out.end_sequence();
  };
  if (count <= layout.content) return window(0);
  for (std::size_t begin = 0; begin < count; begin += layout.stride) window(begin);
  out.truncated = layout.stride > layout.content;
}

}  // namespace hasten::classifier
