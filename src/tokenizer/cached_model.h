// A model behind a word cache.
#pragma once

#include <memory>

#include "tokenizer/model.h"
#include "tokenizer/word_cache.h"

namespace hasten::tokenizer {

// Belongs to one thread.
class CachedModel {
 public:
  explicit CachedModel(const Model& model) : scratch_(model.make_scratch()) {}

  // Appends the ids of a piece, which is not empty, of valid UTF-8; `encode` makes those that the
  // cache does not have: encode(ModelScratch*, ids).
  template <typename Encode>
  void encode(std::string_view piece, std::vector<std::int32_t>& ids, Encode&& encode) {
    if (piece.size() > WordCache::k_max_word) {
      encode(scratch_.get(), ids);
      return;
    }
    const WordCache::Key key = WordCache::key_of(piece);
    std::size_t count = 0;
    if (const std::int32_t* known = cache_.find(key, count)) {
      ids.insert(ids.end(), known, known + count);
      return;
    }
    const std::size_t before = ids.size();
    encode(scratch_.get(), ids);
    cache_.insert(key, std::span(ids).subspan(before));
  }

 private:
  std::unique_ptr<ModelScratch> scratch_;
  WordCache cache_;
};

}  // namespace hasten::tokenizer
