// Texts as the normalizers of tokenizers 0.22.2 write them.
#include "tokenizer/normalizer.h"

#include <gtest/gtest.h>
#include <hasten/error.h>

namespace hasten::tokenizer {
namespace {

using Form = UnicodeForm::Form;
using std::string_literals::operator""s;

std::string normalized(const std::vector<NormalizerDefinition>& steps, const std::string& text) {
  NormalizerScratch scratch;
  NormalizerContext context{scratch};
  return std::string(Normalizer(steps).apply(text, context));
}

// How many bytes come of the first code point afterwards.
std::size_t start_length(const std::vector<NormalizerDefinition>& steps, const std::string& text,
                         std::size_t before) {
  NormalizerScratch scratch;
  NormalizerContext context{scratch, before};
  Normalizer(steps).apply(text, context);
  return context.start_length;
}

TEST(Normalizer, BertCleansIsolatesStripsAndLowers) {
  EXPECT_EQ(normalized({BertNormalizer{}},
                       "a\vb\u00ad\u200dC\u0130\u00c9\u4e2dx\u1100\uac01\u0903\u20dd\n"),
            "abcie \u4e2d x\u1100\u1100\u1161\u11a8\u0903\u20dd ");
  EXPECT_EQ(normalized({BertNormalizer{true, false, {}, false}}, "\u00c9\u4e2d\0\ufffd\t"s),
            "\u00c9\u4e2d ");
  EXPECT_EQ(normalized({BertNormalizer{false, false, true, false}}, "\u00c9\0"s), "E\0"s);
}

TEST(Normalizer, ChineseCharactersLackOneRange) {
  EXPECT_EQ(normalized({BertNormalizer{}}, "0\U0002b820\U0002b920"), "0\U0002b820 \U0002b920 ");
}

TEST(Normalizer, UnicodeForms) {
  EXPECT_EQ(normalized({UnicodeForm{Form::k_nfkc}}, "\u00bd\ufb01A\u030a\u1100\u1161\u11a8"),
            "1\u20442fi\u00c5\uac01");
  EXPECT_EQ(normalized({UnicodeForm{Form::k_nfd}}, "\u00e9\u0323"), "e\u0323\u0301");
  EXPECT_EQ(normalized({UnicodeForm{Form::k_nfc}}, "e\u0323\u0301\u212b"), "\u1eb9\u0301\u00c5");
  EXPECT_EQ(normalized({UnicodeForm{Form::k_nfkd}}, "\uff21\u00e9"), "Ae\u0301");
}

TEST(Normalizer, SimpleOnes) {
  EXPECT_EQ(normalized({Strip{true, false}}, " \u3000a \u0085"), "a \u0085");
  EXPECT_EQ(normalized({Strip{false, true}}, " a \u0085\u3000"), " a");
  EXPECT_EQ(normalized({StripAccents{}}, "e\u0301\u0903\u20dd\u00e9"), "e\u00e9");
  EXPECT_EQ(normalized({Lowercase{}}, "\u0130\u03a3A\u1e9e"), "i\u0307\u03c3a\u00df");
  EXPECT_EQ(normalized({Nmt{}}, "a\x01\u200bb\u2028\u0085"), "a b \u0085");
  EXPECT_EQ(normalized({Prepend{"_"}}, "a"), "_a");
  EXPECT_EQ(normalized({Prepend{"_"}}, ""), "");
  EXPECT_EQ(normalized({ByteLevelNormalizer{}}, "\u00e9 a"), "\u00c3\u00a9\u0120a");
}

TEST(Normalizer, ReplaceFindsTextsAndExpressions) {
  EXPECT_EQ(normalized({Replace{{" {2,}", true}, "_"}}, "a   b  c d "), "a_b_c d ");
  EXPECT_EQ(normalized({Replace{{"''", false}, "\""}}, "'''a''"), "\"'a\"");
  EXPECT_EQ(normalized({Replace{{R"([^\p{L}])", true}, ""}}, "a1\u00e9 b"), "a\u00e9b");
  EXPECT_THROW(Normalizer({Replace{{"a*", true}, "x"}}), Error);
}

TEST(Normalizer, KnowsWhatComesOfTheFirstCodePoint) {
  EXPECT_EQ(start_length({Lowercase{}}, "\u0130b", 2), 3u);
  EXPECT_EQ(start_length({Strip{}}, " a", 1), 0u);
  EXPECT_EQ(start_length({Strip{}}, "a ", 1), 1u);
  EXPECT_EQ(start_length({UnicodeForm{Form::k_nfkd}}, "\u00bdb", 2), 5u);
  EXPECT_EQ(start_length({Prepend{"__"}}, "ab", 1), 3u);
  EXPECT_EQ(start_length({Replace{{"ab", false}, "x"}}, "abc", 1), 0u);
  EXPECT_EQ(start_length({Replace{{"a", false}, "xy"}}, "abc", 1), 2u);
  EXPECT_EQ(start_length({BertNormalizer{}}, "\u200ba", 3), 0u);
  EXPECT_EQ(start_length({BertNormalizer{}}, "\u4e2da", 3), 5u);
  EXPECT_EQ(start_length({Lowercase{}}, "ab", 0), 0u);
}

}  // namespace
}  // namespace hasten::tokenizer
