// Normalisation form C of Python 3.11's unicodedata.
#include "tokenizer/moses_letters.h"

#include <gtest/gtest.h>

namespace hasten::tokenizer {
namespace {

// U+1715 and U+1ABF have their classes, 9 and 220, since Unicode 14 and 13: they are sorted before the accent and
// do not part it from its letter.
TEST(MosesLetters, ComposeAcrossMarksOfPythonsUnicode) {
  for (const char32_t mark : {U'\u1715', U'\u1ABF', U'\u0327'}) {
    std::u32string text{U'x', U'\u0200', mark, U'y'};
    const std::u32string expected = text;
    compose_as_python(text);
    EXPECT_EQ(text, expected) << static_cast<unsigned>(mark);
  }
}

}  // namespace
}  // namespace hasten::tokenizer
