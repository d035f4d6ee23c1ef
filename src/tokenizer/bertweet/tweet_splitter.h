// Cuts a tweet into the tokens of NLTK's TweetTokenizer.
#pragma once

#include <string_view>

#include "tokenizer/bertweet/url_matcher.h"

namespace hasten::tokenizer::bertweet {

// At each position the first rule that matches counts; what no rule takes, white space, is passed over.
// Time is linear in the text.
class TweetSplitter {
 public:
  // The text must outlive the splitter's use.
  void reset(std::u32string_view text);
  // The next token; false at the end.
  bool next(std::u32string_view& token);

 private:
  // The end of a run that was read before, and what it was found to hold, for later starts in it.
  struct Known {
    std::size_t end = 0;
    std::size_t result = k_no_match;
  };

  char32_t code(std::size_t at) const { return at < text_.size() ? text_[at] : U'\0'; }
  template <typename Predicate>
  std::size_t run_end(std::size_t at, Predicate&& predicate) const {
    while (at < text_.size() && predicate(text_[at])) ++at;
    return at;
  }

  std::size_t match(std::size_t at);
  std::size_t match_phone(std::size_t at) const;
  std::size_t match_phone_number(std::size_t at) const;
  std::size_t match_emoticon(std::size_t at) const;
  std::size_t match_tag(std::size_t at);
  std::size_t match_arrow(std::size_t at) const;
  std::size_t match_hashtag(std::size_t at) const;
  std::size_t match_email(std::size_t at);
  std::size_t match_email_host(std::size_t at) const;
  std::size_t match_hyphenated(std::size_t at) const;
  std::size_t match_number(std::size_t at) const;
  std::size_t match_ellipsis(std::size_t at) const;

  std::u32string_view text_;
  std::size_t at_ = 0;
  UrlMatcher urls_;
  Known tag_;
  Known email_;
};

}  // namespace hasten::tokenizer::bertweet
