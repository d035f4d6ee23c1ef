#!/usr/bin/env python3
"""Writes measured.json: what the shared tables lack, measured from tokenizers 0.22.2.

Classes of code points, each a list of intervals:
- word: the \\w of its added tokens and of Whitespace (the Rust regex crate's)
- numeric: what Digits isolates
- decimal: the \\d of its regular expressions (Oniguruma's)
- what grapheme clusters are made of: control, joining (Extend, ZWJ, SpacingMark), extend (without
  the other two), prepend, pictographic, the Indic conjunct's consonant, linker and extend, and what
  joins a Hangul leading consonant, vowel or trailing consonant after it. Where one observation has
  several causes, generate.py tells them apart.

Clusters are observed through a Precompiled normalizer with one key: in a cluster shorter than six
bytes that starts with the key, the whole cluster is replaced, otherwise the key alone.
"""
import json
import struct
from pathlib import Path

import tokenizers
from tokenizers import normalizers, pre_tokenizers

assert tokenizers.__version__ == "0.22.2", tokenizers.__version__

MARK = "\u0308"  # Extend, two bytes
ZWJ = "\u200d"
KA, VIRAMA = "\u0915", "\u094d"
LEADING, VOWEL, TRAILING = "\u1100", "\u1161", "\u11a8"


def single_key(key):
    """A charsmap with one key, which maps to Z: a darts-clone trie of one path."""
    path = key.encode()
    units = [0] * (256 * (len(path) + 2))
    position = 0
    for depth, byte in enumerate(path):
        # The children of each node lie in a block of their own.
        offset = position ^ 256 * (depth + 1)
        units[position] |= offset << 10
        position ^= offset ^ byte
        units[position] = byte
    units[position] |= 1 << 8 | (position ^ 256 * (len(path) + 1)) << 10
    units[256 * (len(path) + 1)] = 1 << 31  # the value: 0
    blob = b"".join(struct.pack("<I", unit) for unit in units)
    return normalizers.Precompiled(struct.pack("<I", len(blob)) + blob + b"Z\0")


def intervals(codes):
    out = []
    for code in codes:
        if out and out[-1][1] == code - 1:
            out[-1][1] = code
        else:
            out.append([code, code])
    return out


def code_points():
    return (chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000)


def where(predicate):
    return intervals(ord(char) for char in code_points() if predicate(char))


def measure_graphemes():
    on_mark, on_a = single_key(MARK), single_key("a")
    on_sign, on_ka = single_key("\u00a9"), single_key(KA)
    on = {jamo: single_key(jamo) for jamo in (LEADING, VOWEL, TRAILING)}
    joined = "Z" + MARK  # the key stood inside a long cluster

    def control(char):  # two marks after it form a cluster of their own
        return on_mark.normalize_str(char + MARK + MARK) == char + "Z"

    def before(char, jamo):
        return on[jamo].normalize_str(char + jamo + MARK).endswith(joined)

    return {
        "control": where(control),
        "joining": where(lambda char: on_a.normalize_str("a" + char) == "Z"),
        "extend": where(lambda char: on_sign.normalize_str(
            "\u00a9" + char + ZWJ + "\u00a9" + MARK).endswith(joined)),
        "prepend": where(lambda char: on_a.normalize_str(char + "a" + MARK).endswith(joined)),
        "pictographic": where(lambda char: on_sign.normalize_str(
            char + ZWJ + "\u00a9" + MARK).endswith(joined)),
        "consonant": where(lambda char: on_ka.normalize_str(
            char + VIRAMA + KA + MARK).endswith(joined)),
        "linker": where(lambda char: on_ka.normalize_str(
            KA + char + KA + MARK).endswith(joined)),
        "conjunct_extend": where(lambda char: on_ka.normalize_str(
            KA + VIRAMA + char + KA + MARK).endswith(joined)),
        "leading": where(lambda char: before(char, LEADING)),
        "vowel_or_lv": where(lambda char: before(char, VOWEL)),
        "trailing_or_before": where(lambda char: before(char, TRAILING)),
    }


def main():
    whitespace = pre_tokenizers.Whitespace()
    decimal = pre_tokenizers.Split(tokenizers.Regex(r"\d"), "isolated")
    digits = pre_tokenizers.Digits(individual_digits=True)
    measured = {
        "word": where(lambda char: len(whitespace.pre_tokenize_str("a" + char + "b")) == 1),
        "decimal": where(lambda char: len(decimal.pre_tokenize_str("a" + char + "b")) == 3),
        "numeric": where(lambda char: len(digits.pre_tokenize_str("a" + char + "b")) == 3),
        **measure_graphemes(),
    }
    path = Path(__file__).resolve().parent / "measured.json"
    path.write_text(json.dumps(measured, separators=(",", ":")) + "\n")


main()
