#include "tokenizer/grapheme.h"

#include "tokenizer/unicode/unicode.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer {
namespace {

using unicode::Grapheme;

// What the rules look back at within a cluster.
struct Context {
  char32_t previous = 0;
  Grapheme kind = Grapheme::k_other;
  bool pictographic = false;  // a pictograph with only Extend after it, then perhaps a ZWJ
  bool pictographic_joined = false;
  bool consonant = false;  // an Indic consonant with only linkers and extenders after it
  bool linked = false;     // at least one linker among them

  void add(char32_t code) {
    const Grapheme next = unicode::grapheme(code);
    pictographic_joined = pictographic && next == Grapheme::k_joiner;
    pictographic = next == Grapheme::k_pictographic || (pictographic && next == Grapheme::k_extend);
    if (next == Grapheme::k_consonant) {
      consonant = true;
      linked = false;
    } else if (consonant && unicode::is_conjunct_linker(code)) {
      linked = true;
    } else if (!unicode::is_conjunct_extend(code)) {
      consonant = linked = false;
    }
    previous = code;
    kind = next;
  }
};

bool hangul_joins(const Context& context, char32_t code, Grapheme next) {
  const bool syllable = unicode::is_hangul_syllable(code);
  if (context.kind == Grapheme::k_leading) {
    return syllable || next == Grapheme::k_leading || next == Grapheme::k_vowel;
  }
  const bool after_syllable = unicode::is_hangul_syllable(context.previous);
  const bool open_syllable = after_syllable && (context.previous - 0xAC00) % 28 == 0;
  if (next == Grapheme::k_vowel) return context.kind == Grapheme::k_vowel || open_syllable;
  if (next == Grapheme::k_trailing) {
    return after_syllable || context.kind == Grapheme::k_vowel ||
           context.kind == Grapheme::k_trailing;
  }
  return false;
}

// Whether no cluster ends between what came before and `code`.
bool joins(const Context& context, char32_t code) {
  const Grapheme next = unicode::grapheme(code);
  if (context.kind == Grapheme::k_control) return context.previous == U'\r' && code == U'\n';
  if (next == Grapheme::k_control) return false;
  if (next == Grapheme::k_extend || next == Grapheme::k_joiner || next == Grapheme::k_spacing) {
    return true;
  }
  if (context.kind == Grapheme::k_prepend) return true;
  if (next == Grapheme::k_consonant && context.consonant && context.linked) return true;
  if (next == Grapheme::k_pictographic && context.pictographic_joined) return true;
  return hangul_joins(context, code, next);
}

}  // namespace

std::size_t grapheme_length(std::string_view text) {
  const char* cursor = text.data();
  const char* const end = cursor + text.size();
  Context context;
  context.add(next_code_point(cursor));
  while (cursor != end) {
    const char* const before = cursor;
    const char32_t code = next_code_point(cursor);
    if (!joins(context, code)) {
      cursor = before;
      break;
    }
    context.add(code);
  }
  return static_cast<std::size_t>(cursor - text.data());
}

}  // namespace hasten::tokenizer
