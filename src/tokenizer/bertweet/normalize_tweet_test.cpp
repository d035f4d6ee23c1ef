// Tweets as BertweetTokenizer(normalization=True) of transformers 4.57.6 writes them.
#include "tokenizer/bertweet/normalize_tweet.h"

#include <gtest/gtest.h>

namespace hasten::tokenizer::bertweet {
namespace {

std::string normalized(std::string_view tweet, EmojiVersion emoji = EmojiVersion::k_0_6_0) {
  return std::string(TweetNormalizer(emoji).normalize(tweet));
}

struct Case {
  const char* tweet;
  const char* normalized;
};

TEST(NormalizeTweet, FollowsEachRule) {
  constexpr Case cases[] = {
      {"it\u2019s \u2026", "it 's ..."},
      {"&lt;3 &amp; &#65;&xi;&#X41;&#128;&xa;b &nope; &", "<3 & A \u20ac b &"},
      {"a&#x80\034;s", "as"},  // int() strips no separator of ASCII
      {"soooo!!!!! ------", "soooo ! ! ! - - -"},
      {"see https://t.co/a(b) (http://x.y/z)", "see HTTPURL ( HTTPURL )"},
      {"foo.com/x foo.com me@foo.com @foo.com", "foo.com/ x foo.com me@foo.com @USER . com"},
      {"call 555-1234 or +1 (800) 555-1234", "call 555-1234 or +1 (800) 555-1234"},
      {":-) =P <3 (-: @8ball", ":-) =P <3 (-: @USER ball"},
      {"<b>x</b> -> <--", "<b> x </b> -> <--"},
      {"@user_1 #tag-x_ #1", "@USER #tag-x_ # 1"},
      {"well-known o'clock a_b x-", "well-known o'clock a_b x -"},
      {"12:30 3.14 -5/6+", "12:30 3.14 -5/6+"},
      {". . . ...", ". . . ..."},
      {"www.x.y WWW HTTPS://X httpfoo", "HTTPURL . x . y HTTPURL HTTPURL HTTPURL"},
      {"\U0001f600 \u2764\ufe0flove \u00b2", ":grinning_face: :red_heart: \ufe0flove \u00b2"},
      {"I cannot don't can't ain't I'm we're it's he'll I'd I've don't",
       "I can not do n't can't ain't I 'm we 're it 's he 'll I 'd I 've don't"},
      {"5 p.m. at 6 a.m now p.m.", "5 p.m. at 6 a.m now p.m."},
      {"a\034b\u3000c", "a b c"},
      {"\u017f http\u017f://x", "\u017f HTTPURL"},
  };
  for (const Case& test : cases) EXPECT_EQ(normalized(test.tweet), test.normalized) << test.tweet;
}

TEST(NormalizeTweet, EmojiHaveTheNamesOfTheChosenVersion) {
  EXPECT_EQ(normalized("ok \u2705"), "ok :white_heavy_check_mark:");
  EXPECT_EQ(normalized("ok \u2705", EmojiVersion::k_2_14_1), "ok :check_mark_button:");
  EXPECT_EQ(normalized("\U0001F600", EmojiVersion::k_2_14_1), ":grinning_face:");
}

TEST(NormalizeTweet, LongTextsCostLinearTime) {
  for (const char* part : {"a.b-", "((", "<", "1-", "http:/", ". ", "@", "a@b.", "&#", "'s "}) {
    std::string text;
    while (text.size() < (1 << 18)) text += part;
    EXPECT_FALSE(normalized(text).empty()) << part;
  }
}

}  // namespace
}  // namespace hasten::tokenizer::bertweet
