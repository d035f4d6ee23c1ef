#include "tokenizer/post_processor.h"

#include <algorithm>
#include <utility>

namespace hasten::tokenizer {

std::int64_t PostProcessor::special_token_count(bool is_pair) const {
  std::int64_t count = 0;
  for (const TemplatePiece& piece : is_pair ? pair : single) {
    count += static_cast<std::int64_t>(piece.ids.size());
  }
  return count;
}

void PostProcessor::apply(const std::vector<std::int32_t>& first,
                          const std::vector<std::int32_t>* second, bool add_special_tokens,
                          Encoding& out) const {
  out.ids.clear();
  out.type_ids.clear();
  for (const TemplatePiece& piece : second != nullptr ? pair : single) {
    if (piece.kind == Kind::k_special && !add_special_tokens) continue;
    if (piece.kind == Kind::k_second && second == nullptr) continue;
    const auto& ids = piece.kind == Kind::k_special ? piece.ids
                      : piece.kind == Kind::k_first ? first
                                                    : *second;
    out.ids.insert(out.ids.end(), ids.begin(), ids.end());
    out.type_ids.resize(out.ids.size(), piece.type_id);
  }
}

PostProcessor make_bert_processor(const std::vector<std::int32_t>& cls,
                                  const std::vector<std::int32_t>& sep) {
  using Kind = TemplatePiece::Kind;
  PostProcessor processor;
  processor.single = {{Kind::k_special, 0, cls}, {Kind::k_first, 0, {}}, {Kind::k_special, 0, sep}};
  processor.pair = processor.single;
  processor.pair.push_back({Kind::k_second, 1, {}});
  processor.pair.push_back({Kind::k_special, 1, sep});
  return processor;
}

PostProcessor make_roberta_processor(const std::vector<std::int32_t>& cls,
                                     const std::vector<std::int32_t>& sep) {
  using Kind = TemplatePiece::Kind;
  PostProcessor processor;
  processor.single = {{Kind::k_special, 0, cls}, {Kind::k_first, 0, {}}, {Kind::k_special, 0, sep}};
  processor.pair = processor.single;
  processor.pair.push_back({Kind::k_special, 0, sep});
  processor.pair.push_back({Kind::k_second, 0, {}});
  processor.pair.push_back({Kind::k_special, 0, sep});
  return processor;
}

PostProcessor make_xlnet_processor(const std::vector<std::int32_t>& cls,
                                   const std::vector<std::int32_t>& sep) {
  using Kind = TemplatePiece::Kind;
  PostProcessor processor;
  processor.single = {{Kind::k_first, 0, {}}, {Kind::k_special, 0, sep}, {Kind::k_special, 2, cls}};
  processor.pair = {{Kind::k_first, 0, {}},
                    {Kind::k_special, 0, sep},
                    {Kind::k_second, 1, {}},
                    {Kind::k_special, 1, sep},
                    {Kind::k_special, 2, cls}};
  return processor;
}

bool truncate(std::vector<std::int32_t>& ids, std::size_t budget, bool left) {
  if (ids.size() <= budget) return false;
  if (left) {
    ids.erase(ids.begin(), ids.end() - static_cast<std::ptrdiff_t>(budget));
  } else {
    ids.resize(budget);
  }
  return true;
}

bool truncate_pair(std::vector<std::int32_t>& first, std::vector<std::int32_t>& second,
                   std::size_t budget, bool left, bool in_python) {
  if (first.size() + second.size() <= budget) return false;
  std::size_t shorter = first.size();
  std::size_t longer = second.size();
  const bool swapped = shorter > longer;
  if (swapped) std::swap(shorter, longer);
  longer = shorter > budget ? shorter : std::max(shorter, budget - shorter);
  const bool cuts_both = shorter + longer > budget;
  if (cuts_both) {
    shorter = budget / 2;
    longer = shorter + budget % 2;
  }
  if (swapped || (in_python && cuts_both)) std::swap(shorter, longer);
  truncate(first, shorter, left);
  truncate(second, longer, left);
  return true;
}

}  // namespace hasten::tokenizer
