// BertweetTokenizer.normalizeTweet().
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "tokenizer/bertweet/emoji_version.h"
#include "tokenizer/bertweet/tweet_splitter.h"
#include "tokenizer/bertweet/tweet_tables.h"

namespace hasten::tokenizer::bertweet {

// Belongs to one thread.
class TweetNormalizer {
 public:
  explicit TweetNormalizer(EmojiVersion emoji = EmojiVersion::k_0_6_0);

  // The normalized form of valid UTF-8: words with single spaces between. The view lasts until the next
  // call. A surrogate that an entity made is written as UTF-8 would write it.
  std::string_view normalize(std::string_view tweet);

 private:
  std::span<const tables::NamedCode> emoji_;  // ascending by code
  std::u32string decoded_;
  std::u32string plain_;
  TweetSplitter splitter_;
  std::string joined_;
  std::string replaced_;
};

}  // namespace hasten::tokenizer::bertweet
